"""Erasing a person: what is remembered of it (HMACs), what goes, and the receipt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from engine.identity import installation_key, mask_text
from engine.ingest.erased import Erased
from engine.ingest.state import FileState, part_path, rejects_path
from engine.questions import Receipt
from engine.store.select import Select

if TYPE_CHECKING:
    from engine.alerts import Ledger
    from engine.state import State
    from engine.store import Store
    from engine.workspace.model import Identity, Workspace

_SIGN = 1 << 63


def erased(ledger: Ledger, state: State) -> Erased:
    """Everybody who was erased. The key is that of the installation, whatever stands in for it elsewhere."""
    known = {str(hmac): str(erasure) for hmac, erasure in ledger.rows("SELECT hmac, erasure FROM erased")}
    return Erased(installation_key(state.path, writable=state.writable), known) if known else Erased()


def normalised(name: str, identity: Identity) -> str:
    """`type:value` as it stands after normalisation; any other text as it is."""
    from engine.ingest.identifiers import normalise

    kind, _, value = name.partition(":")
    found = normalise(kind, value, identity) if kind in identity.priority else None
    return f"{kind}:{found}" if found else name


def members(store: Store, number: int) -> tuple[str, ...]:
    """Every identifier of a person, the strongest first; shared ones are nobody's."""
    select = Select("identifiers", (("name", "name"),), where=("person = ?",), order=("rank", "name"))
    return tuple(str(name) for (name,) in store.rows(select.sql(), [number]))


def traces(
    cache: Path, files: Mapping[str, FileState], workspace: Workspace, names: Iterable[str]
) -> tuple[dict[str, int], dict[str, set[int]]]:
    """Rows that carry one of the identifiers by canonical table, and their lines by file; rejects and the
    configuration with them."""
    import polars as pl

    wanted, rows, places = list(names), {"events": 0, "profiles": 0, "rejects": 0}, dict[str, set[int]]()
    probe = Erased(b"probe")
    probe = replace(probe, erasures={probe.hmac(name): "probe" for name in wanted})
    for path, state in files.items():
        for part in state.parts:
            if state.table in ("events", "profiles"):
                frame = pl.read_parquet(part_path(cache, part), columns=["line", "ids"])
                named = frame.filter(pl.col("ids").list.eval(pl.element().is_in(wanted)).list.any())
                rows[state.table] += len(named)
                places.setdefault(path, set()).update(named["line"])
            if part.rejected:
                said = pl.read_parquet(rejects_path(cache, part)).select("line", "text", "value", "reason")
                for line, *texts in said.iter_rows():
                    if probe.mentioned("\n".join(filter(None, texts)), workspace.identity):
                        rows["rejects"] += 1
                        places.setdefault(path, set()).add(line)
    if workspace.file is not None:
        values = [name.partition(":")[2] for name in wanted]
        text = workspace.file.read_text(encoding="utf-8", errors="replace")
        lines = {at for at, line in enumerate(text.splitlines(), 1) if any(one in line for one in values)}
        places[workspace.file.name] = lines
    return rows, {path: lines for path, lines in places.items() if lines}


def new_receipt(
    key: Erased, names: tuple[str, ...], rows: Mapping[str, int], places: Mapping[str, set[int]],
    *, by: str, reason: str, at: datetime,
) -> Receipt:  # fmt: skip
    """The receipt of an erasure that is about to be done; the parts are counted when they are rewritten."""
    hmacs = tuple(sorted(map(key.hmac, names)))
    erasure = "e_" + hashlib.sha256(f"{at.isoformat()} {hmacs}".encode()).hexdigest()[:16]
    files = tuple((path, tuple(sorted(lines))) for path, lines in sorted(places.items()))
    return Receipt(erasure, at, by, mask_text(reason), hmacs, dict(rows), 0, files)


def remember(ledger: Ledger, receipt: Receipt, names: tuple[str, ...]) -> None:
    """Write down who was erased, and take what the ledger knew of it away. Raises: StoreError."""
    marks = ", ".join("?" * len(names))
    with ledger.transaction():
        ledger.many(
            "INSERT OR REPLACE INTO erased VALUES (?, ?)",
            [(each, receipt.id) for each in receipt.identifiers],
        )
        ledger.rows(
            f"DELETE FROM person_links WHERE a IN ({marks}) OR b IN ({marks})",  # noqa: S608 - marks
            [*names, *names],
        )
        ledger.many("DELETE FROM person_canonicals WHERE id = ?", [(number,) for number in _numbers(names)])
    keep(ledger, receipt)


def keep(ledger: Ledger, receipt: Receipt) -> None:
    """Write the receipt, or the finished one in its place. Raises: StoreError."""
    text = json.dumps({**asdict(receipt), "at": receipt.at.isoformat()}, ensure_ascii=False)
    with ledger.transaction():
        ledger.rows("INSERT OR REPLACE INTO receipts VALUES (?, ?)", (receipt.id, text))


def receipt_of(ledger: Ledger, erasure: str) -> Receipt:
    """A receipt that was written before."""
    raw = json.loads(str(ledger.rows("SELECT receipt FROM receipts WHERE erasure = ?", (erasure,))[0][0]))
    files = tuple((path, tuple(lines)) for path, lines in raw["files"])
    at = datetime.fromisoformat(raw["at"])
    return Receipt(**{**raw, "at": at, "identifiers": tuple(raw["identifiers"]), "files": files})


def _numbers(names: tuple[str, ...]) -> list[int]:
    """Numbers of identifiers as SQLite keeps them."""
    import polars as pl

    from engine.ingest.hashing import subject_of

    frame = pl.DataFrame({"name": list(names)}, schema={"name": pl.String})
    found = frame.select(subject_of(pl.col("name")).alias("id"))["id"]
    return [number - 2 * _SIGN if number >= _SIGN else number for number in found]
