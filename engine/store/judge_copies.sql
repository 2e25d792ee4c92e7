/* Copies by a key, where a source has one: the first (or last) by (ts, file, line) over all its files counts.
   A record is one line: its facts stand or fall together. Reads touched_records(source, record). */
WITH copies AS (
    SELECT r.part, r.row, r.line, r.kept, r.source, r.record, p.file, p.judged,
           min(r.ts) OVER (PARTITION BY r.part, r.line) AS moment
    FROM {raw} r
    JOIN shop.main.parts p ON p.part = r.part AND p.judged IN ('first', 'last')
    SEMI JOIN touched_records t ON t.source = r.source AND t.record = r.record
),
ranked AS (
    SELECT part, row, kept,
           CASE WHEN judged = 'last'
                THEN rank() OVER (PARTITION BY source, record ORDER BY moment DESC, file DESC, line DESC, part)
                ELSE rank() OVER (PARTITION BY source, record ORDER BY moment, file, line, part)
           END = 1 AS wins
    FROM copies
)
SELECT part, row, wins FROM ranked WHERE wins <> kept
