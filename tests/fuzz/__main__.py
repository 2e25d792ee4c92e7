"""`python -m tests.fuzz [SECONDS] [FILE…]`: search for files that break a law, guided by coverage.

Each reader in turn for so many seconds, in a process of its own, with Atheris (the extra `fuzz`). The
bytes that break a law stay in the directory `fuzz-findings` for a test to be made of. Without Atheris:
files with accidents that hypothesis draws anew each time.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.seeds import SEEDS, mutated

FINDINGS = Path("fuzz-findings")
TABLES = ("events", "spend", "profiles")


def wander(name: str, seconds: int) -> None:
    """Accidents to the files of one reader, unguided, for so many seconds."""
    from tests.fuzz.laws import check

    @settings(max_examples=50, deadline=None, database=None)
    @given(accident=st.integers(0, 1 << 32), table=st.sampled_from(TABLES))
    def one(accident: int, table: str) -> None:
        check(mutated(SEEDS[name](), random.Random(accident)), name, table)

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        one()


def search(name: str, seconds: int) -> None:
    """Fuzz one reader in this process; Atheris ends it."""
    import atheris

    with atheris.instrument_imports(include=["engine.ingest"]):
        from tests.fuzz.laws import check

    def one(content: bytes) -> None:
        check(content, name, TABLES[len(content) % len(TABLES)])

    corpus = FINDINGS / f"corpus-{name}"
    corpus.mkdir(parents=True, exist_ok=True)
    (corpus / "seed").write_bytes(SEEDS[name]())
    atheris.Setup(
        [
            sys.argv[0], f"-max_total_time={seconds}", "-max_len=8192", "-rss_limit_mb=4096", "-timeout=30",
            f"-artifact_prefix={FINDINGS}/{name}-", "-print_final_stats=0", str(corpus),
        ],
        one,
    )  # fmt: skip
    atheris.Fuzz()


def main() -> int:
    """All readers, or those of the files named; 1 where a law was broken."""
    guided = find_spec("atheris") is not None
    words = sys.argv[1:]
    if words[:1] == ["--one"]:
        (search if guided else wander)(words[1], int(words[2]))
        return 0
    if not guided:
        print("Atheris is not installed (pip install -e '.[fuzz]'): not guided by coverage, drawn at random")
    seconds = words.pop(0) if words and words[0].isdigit() else "60"
    broken = []
    for name in words or SEEDS:
        print(f"── {name}", flush=True)
        done = subprocess.run([sys.executable, "-m", "tests.fuzz", "--one", name, seconds], check=False)
        broken += [name] if done.returncode else []
    print(f"── broken: {', '.join(broken) or 'none'}; findings in {FINDINGS}/")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
