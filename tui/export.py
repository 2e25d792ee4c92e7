"""CSV of what is shown: no formula gets through, and the file says what it is of."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tui.harmless import harmless

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")


def neutral(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers.

    >>> neutral("=1+1"), neutral("-3.5"), neutral("+86 138")
    ("'=1+1", '-3.5', "'+86 138")
    """
    if _NUMBER.fullmatch(text):
        return text
    return "'" + text if text.lstrip(" ").startswith(FORMULA) or text.startswith(FORMULA) else text


def csv_text(rows: Sequence[Sequence[str]], about: Sequence[tuple[str, str]]) -> str:
    """Lines of `# what: value` about range, definition and version, then titles and rows."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for name, value in about:  # one cell each: a comma in a name must not begin a cell of its own
        flat = re.sub(r"[\r\n]+", " ", value)
        writer.writerow([f"# {name}: {harmless(flat)}"])
    writer.writerows(
        [neutral(cell.replace("−", "-") if _signed(cell) else cell) for cell in row] for row in rows
    )
    return out.getvalue()


def _signed(cell: str) -> bool:
    return cell.startswith("−") and bool(_NUMBER.fullmatch(cell.replace("−", "-").replace(",", "")))


def file_name(what: str, moment: datetime) -> str:
    """`looptop-metrics-20261029-143200.csv`; only letters, digits and `-` of what is exported."""
    plain = re.sub(r"[^0-9A-Za-z]+", "-", what).strip("-")[:40] or "table"
    return f"looptop-{plain}-{moment:%Y%m%d-%H%M%S}.csv"


def write(text: str, name: str, folders: Sequence[Path]) -> Path:
    """Write into the first folder that takes it; never over a file that is there.

    Raises: OSError where none takes it.
    """
    failure: OSError = OSError("nowhere to write")
    for folder in folders:
        for number in range(1, 100):
            path = folder / (name if number == 1 else name.replace(".csv", f"-{number}.csv"))
            try:
                folder.mkdir(parents=True, exist_ok=True)
                with path.open("x", encoding="utf-8", newline="") as stream:
                    stream.write(text)
            except FileExistsError:
                continue
            except OSError as error:
                failure = error
                break
            return path
    raise failure
