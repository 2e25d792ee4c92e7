"""Write the sample data: `python -m sample_data.make [--out DIR] [--days N]`; the same bytes on each run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sample_data import catalogue, media, path, records, reports, town, truths
from sample_data.files import File
from sample_data.shop import Shop

COPIED = ("looptop.toml", "README.md", "rules_test.toml")


@cache
def plan(seed: int = catalogue.SEED, days: int = catalogue.DAYS) -> tuple[Shop, tuple[File, ...]]:
    """The shop and every file that tells of it (kept, since building it costs more than writing it)."""
    shop = town.build(seed, days)
    return shop, (*reports.files(shop, seed), *records.files(shop))


def write(out: Path, seed: int = catalogue.SEED, days: int = catalogue.DAYS) -> dict[str, int]:
    """Write everything below `out`.

    Out: path of each file → its size in bytes.
    """
    shop, files = plan(seed, days)
    contents = {f.path: f.content(shop.end) for f in files}
    contents["calendar.csv"] = catalogue.calendar().encode()
    contents["truth.toml"] = truths.toml(shop, files, media.rows(shop, seed)).encode()
    for name in COPIED:
        source = path() / name
        if source.is_file() and out.resolve() != path():
            contents[name] = source.read_bytes()
    sizes = {}
    for name, content in contents.items():
        if content is None:
            continue
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        sizes[name] = len(content)
    return sizes


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m sample_data.make", description="Write the sample data.")
    parser.add_argument("--out", type=Path, default=path(), help="where to; default: the package")
    parser.add_argument("--days", type=int, default=catalogue.DAYS, help="days, counted back from the end")
    options = parser.parse_args(arguments)
    sizes = write(options.out, days=options.days)
    print(f"{len(sizes)} files, {sum(sizes.values()) / 1e6:.2f} MB in {options.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
