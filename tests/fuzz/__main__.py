"""`python -m tests.fuzz [SECONDS] [FILE…]`: search for files that break a law, guided by coverage.

Each reader in turn for so many seconds, in a process of its own, with Atheris (the extra `fuzz`). The
bytes that break a law stay in the directory `fuzz-findings` for a test to be made of.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.seeds import SEEDS

FINDINGS = Path("fuzz-findings")


def search(name: str, seconds: int) -> None:
    """Fuzz one reader in this process; Atheris ends it."""
    import atheris

    with atheris.instrument_imports(include=["engine.ingest"]):
        from tests.fuzz.laws import check

    def one(content: bytes) -> None:
        check(content, name)

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
    if find_spec("atheris") is None:
        print("skipped: Atheris is not installed (pip install -e '.[fuzz]'); the laws run in tests/fuzz")
        return 0
    words = sys.argv[1:]
    if words[:1] == ["--one"]:
        search(words[1], int(words[2]))
        return 0
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
