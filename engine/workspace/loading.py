"""looptop.toml → `Workspace`, or every fault at once."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from engine.errors import ConfigurationError
from engine.schema import Kind, Table
from engine.workspace import CONFIGURATION, meaning, places
from engine.workspace.context import Context
from engine.workspace.faults import Report
from engine.workspace.funnels import funnels
from engine.workspace.layouts import layouts
from engine.workspace.metrics import metrics
from engine.workspace.model import Console, Metric, Rates, Source, Workspace
from engine.workspace.quality import quality, with_rules
from engine.workspace.rules import builtin_rules, rules
from engine.workspace.shape import shape
from engine.workspace.source_model import currency_of
from engine.workspace.sources import sources
from engine.workspace.toml import WorkspaceForm

_TOO_LONG = 4 << 20
_WHERE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


def load_workspace(
    root: FilePath,
    config: FilePath | None,
    guessed: Sequence[Source],
    *,
    builtin: Mapping[str, Metric],
    props: Mapping[Table, Mapping[str, Kind]] | None,
    headers: Collection[str] | None,
    presets: Callable[[], Collection[str]] | None,
) -> Workspace:
    """See `engine.workspace.load`."""
    file = config or root / CONFIGURATION
    if config is None and not file.exists():
        return default(root, guessed, builtin)
    text, digest = _read(file)
    report = Report(file.name if config is None else str(file), text)
    raw = parsed(report)
    form = shape(report, raw)
    own = raw.get("source")
    names = [each.get("name") for each in own if isinstance(each, dict)] if isinstance(own, list) else []
    known = frozenset([str(name) for name in names] if names else [each.name for each in guessed])
    context = Context(report, raw, builtin, props, presets, known, headers)
    workspace = _resolve(context, form, root=root, file=file, digest=digest, guessed=guessed)
    if report.faults:
        raise ConfigurationError(report.faults)
    return workspace


def default(root: FilePath, guessed: Sequence[Source], builtin: Mapping[str, Metric]) -> Workspace:
    """All defaults and these sources; the console's currency is the one that all of them say."""
    currency = currency_of(guessed)
    return Workspace(
        root=root,
        file=None,
        digest=hashlib.sha256(b"").hexdigest(),
        console=Console(currency=currency) if currency else Console(),
        rates=Rates(),
        sources=tuple(guessed),
        identity=places.DEFAULT_IDENTITY,
        metrics=dict(builtin),
        funnels={},
        rules=builtin_rules(),
        people={},
        notify={},
    )


def _read(file: FilePath) -> tuple[str, str]:
    report = Report(str(file), "")
    try:
        raw = file.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        report.add((), f"cannot be read: {error.strerror or error}", line=0)
        raise ConfigurationError(report.faults) from None
    except UnicodeDecodeError as error:
        report.add((), "must be UTF-8", line=raw.count(b"\n", 0, error.start) + 1)
        raise ConfigurationError(report.faults) from None
    if len(raw) > _TOO_LONG:
        report.add((), "is larger than 4 MiB", line=0)
        raise ConfigurationError(report.faults)
    return text.replace("\r\n", "\n"), hashlib.sha256(raw).hexdigest()


def parsed(report: Report) -> dict[str, Any]:
    """The text of a report as tables. Raises: ConfigurationError where it is no TOML."""
    try:
        return tomllib.loads(report.text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        message = "is nested too deeply" if isinstance(error, RecursionError) else str(error)
        match = _WHERE.search(message)
        line = int(match[1]) if match and match[1] else report.text.count("\n") + 1 if match else 0
        report.add((), f"no valid TOML: {_WHERE.sub('', message)}", line=line)
        raise ConfigurationError(report.faults) from None


def _resolve(
    context: Context,
    form: WorkspaceForm,
    *,
    root: FilePath,
    file: FilePath,
    digest: str,
    guessed: Sequence[Source],
) -> Workspace:
    found = funnels(context, form)
    shapes = layouts(context, form)
    own = sources(context, form, shapes)
    return Workspace(
        root=root,
        file=file,
        digest=digest,
        console=places.console(context, form.console),
        rates=places.rates(context, form.currency),
        sources=with_rules(own if context.raw.get("source") else tuple(guessed), quality(context, form)),
        identity=places.identity(context, form.identity),
        metrics=metrics(context, form, {name: len(each.steps) for name, each in found.items()}),
        funnels=found,
        rules=rules(context, form),
        people=places.people(context, form),
        notify=places.notify(context, form),
        lookups=meaning.lookups(context, form),
        channels=meaning.channels(context, form),
        traffic=meaning.traffic(context, form),
        layouts=shapes,
    )
