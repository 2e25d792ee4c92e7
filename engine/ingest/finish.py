"""The last steps to a part: rows of moments and refunds, day, kind, subject, record, order of columns."""

from __future__ import annotations

import polars as pl

from engine.ingest import facts
from engine.ingest.decisions import Decided
from engine.ingest.forget import STAND_IN, anonymous
from engine.ingest.hashing import record_of
from engine.ingest.identifiers import TEXTS, observe
from engine.ingest.numbers import DECIMAL
from engine.ingest.plan import Plan
from engine.ingest.sniff import fold


def finish(
    many: list[pl.DataFrame], plan: Plan, *, decided: Decided, schema: dict[str, pl.DataType],
    refunds: pl.Series | None, good: pl.Series,
) -> pl.DataFrame:  # fmt: skip
    """Moments and refunds as rows of their own, then day, kind, subject, record and the part's schema."""
    part = pl.lit(0, dtype=pl.Int32).alias("\x00part")
    numbered = [each.with_columns(part + i) for i, each in enumerate(many)]
    if refunds is not None:
        back = numbered[0].with_columns(
            refunds.filter(good).alias("value"),
            pl.lit("refund").alias("event"),
            pl.lit(1, pl.Int32).alias("\x00part"),
        )
        numbered.append(back.filter(pl.col("value").is_not_null()))
    frame = pl.concat(numbered) if len(numbered) > 1 else numbered[0]
    if plan.moments:
        frame = frame.filter(pl.col("ts").is_not_null())
    if len(numbered) > 1:
        frame = frame.sort("line", "\x00part", maintain_order=True)
    if plan.table in ("events", "profiles"):
        frame = observe(frame, plan.identifiers, plan.workspace.identity)
    more = [local_day(pl.col("ts"), plan.local_zone)] if "ts" in schema else []
    if plan.table == "events":
        frame = _signed(frame)
        more.append(facts.kind_of(pl.col("event")).alias("kind"))
    if plan.table == "spend":
        more.append(pl.col("granularity").fill_null("hour" if decided.clock else "day"))
    frame = frame.with_columns(more)
    made = {"record": _record(frame, plan), "row": pl.int_range(pl.len())}
    columns = [made.get(name, pl.col(name)).cast(dtype).alias(name) for name, dtype in schema.items()]
    if STAND_IN in frame.columns:
        return anonymous(frame.select(columns), frame[STAND_IN], plan.identifiers)
    return frame.select(columns)


def local_day(ts: pl.Expr, zone: str) -> pl.Expr:
    """The day in the workspace's zone of naive UTC moments."""
    if zone != "UTC":
        ts = ts.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    return ts.dt.date().alias("day")


def _signed(frame: pl.DataFrame) -> pl.DataFrame:
    """A negative order is a refund; the value of a refund is not negative."""
    back = (pl.col("value") < 0) & pl.col("event").is_in(["order", "refund"])
    return frame.with_columns(
        pl.when(back.fill_null(False)).then(pl.lit("refund")).otherwise(pl.col("event")).alias("event"),
        pl.when(back.fill_null(False))
        .then(pl.col("value") * -1)
        .otherwise(pl.col("value"))
        .cast(DECIMAL)
        .alias("value"),
    )


def _record(frame: pl.DataFrame, plan: Plan) -> pl.Expr:
    """The hash of the dedupe key, or of the dimensions of spend: all facts of a row have the same."""
    if plan.table == "spend" and not plan.source.dedupe:
        return record_of([pl.col(name) for name in facts.SPEND_KEY]).alias("record")
    found = [_key(frame, plan, name) for name in plan.source.dedupe]
    keys = [pl.col(there) for there in found if there is not None]
    # Of a file without one of the columns nobody can say that two rows are the same: all of them stay.
    if not keys or len(keys) < len(found):
        return pl.lit(None, dtype=pl.UInt64).alias("record")
    texts = [
        pl.col(n).list.join(",") if frame.schema[n] == TEXTS else pl.col(n).cast(pl.String)
        for n in (k.meta.output_name() for k in keys)
    ]
    filled = pl.any_horizontal([text.is_not_null() for text in texts])
    return pl.when(filled).then(record_of(texts)).alias("record")


def _key(frame: pl.DataFrame, plan: Plan, name: str) -> str | None:
    """The column that a name of `dedupe` means: itself, a prop, or what that file column became."""
    if name in frame.columns:
        return name
    columns = {fold(prop): f"p.{prop}" for prop in reversed(plan.props) if f"p.{prop}" in frame.columns}
    columns |= {fold(rule.names[0]): to for to, rule in plan.rules.items() if len(rule.names) == 1}
    return columns.get(fold(name))
