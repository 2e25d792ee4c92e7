"""Profiles of parts, each read once, and their sums by file: what did not change is not added again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.ingest import FileState
from engine.ingest.profile import Profile, merged, read_profile
from engine.questions import Violation


class Sums:
    """Profiles by part and file of one cache directory.

    A part is named by its content, so what is known of it holds for ever; `forget` drops what is gone.
    """

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.reads = 0
        """Profiles read from disk so far."""
        self.repeats: dict[str, tuple[object, int, tuple[Violation, ...]]] = {}
        """Verdicts of rules of uniqueness, by source and rule, with what they were judged on."""
        self._files: dict[tuple[str, ...], Profile] = {}
        self._parts: dict[str, Profile] = {}

    def of(self, state: FileState) -> Profile:
        """The sums of a file's parts. Raises: OSError where a profile is not there."""
        key = tuple(part.id for part in state.parts)
        known = self._files.get(key)
        if known is None:
            known = self._files[key] = merged(self._part(state, number) for number in range(len(key)))
        return known

    def _part(self, state: FileState, number: int) -> Profile:
        part = state.parts[number]
        known = self._parts.get(part.id)
        if known is None:
            self.reads += 1
            known = self._parts[part.id] = read_profile(self.cache, part)
        return known

    def forget(self, states: Mapping[str, FileState]) -> None:
        """Keep only what these files have."""
        keys = {tuple(part.id for part in state.parts) for state in states.values()}
        parts = {part for key in keys for part in key}
        self._files = {key: found for key, found in self._files.items() if key in keys}
        self._parts = {part: found for part, found in self._parts.items() if part in parts}
