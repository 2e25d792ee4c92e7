/* What the resolution of persons takes: the usable identifiers of some subjects, each with its place in the
   subject and the place of the subject in the order of first observations. {subjects}: a relation of the
   subjects that are meant; {shared}: a query of the identifiers that join nobody. */
WITH ranked AS (
    SELECT s.ids, s.ranks, row_number() OVER (
        ORDER BY coalesce(s.ts, TIMESTAMP '9999-12-31'), s.obs, s.obs_file, s.obs_line, s.part, s.row
    ) - 1 AS nth
    FROM {subjects} s
),
members AS (
    SELECT nth, unnest(ids) AS id, unnest(ranks) AS rank, generate_subscripts(ids, 1) AS place FROM ranked
)
SELECT CAST(m.nth AS UINTEGER) AS "at", CAST(m.place AS UINTEGER) AS place, m.id, CAST(m.rank AS INTEGER) AS rank
FROM members m
ANTI JOIN ({shared}) h ON h.id = m.id
