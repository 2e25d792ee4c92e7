/* Re-exports, where a source of spend has no key: of the files that report the same day and dimensions, the
   newest counts, whole, or the one that somebody took where they disagree (`taken`).
   Rows of one file never supersede each other. Reads touched_records(source, record). */
WITH copies AS (
    SELECT r.part, r.row, r.kept, r.source, r.record, p.file, p.mtime_ns,
           coalesce(p.file = k.file, FALSE) AS chosen
    FROM {raw} r
    JOIN shop.main.parts p ON p.part = r.part AND p.judged = 'newest'
    LEFT JOIN shop.main.taken k ON k.source = r.source AND k.record = r.record
    SEMI JOIN touched_records t ON t.source = r.source AND t.record = r.record
),
ranked AS (
    SELECT part, row, kept,
           dense_rank() OVER (PARTITION BY source, record ORDER BY chosen DESC, mtime_ns DESC, file DESC) = 1 AS wins
    FROM copies
)
SELECT part, row, wins FROM ranked WHERE wins <> kept
