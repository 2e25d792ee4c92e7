/* What the resolution of persons takes: the usable identifiers of some subjects, each with its place in the
   subject and the place of the subject in the order of first observations. Reads subjects, identifiers;
   {wanted}: a query of the subjects that are meant. */
WITH ranked AS (
    SELECT s.ids, row_number() OVER (
        ORDER BY coalesce(s.ts, TIMESTAMP '9999-12-31'), s.obs, s.obs_file, s.obs_line, s.part, s.row
    ) - 1 AS nth
    FROM shop.main.subjects s
    SEMI JOIN ({wanted}) w ON w.subject = s.subject
),
members AS (
    SELECT nth, unnest(ids) AS id, generate_subscripts(ids, 1) AS place FROM ranked
)
SELECT CAST(m.nth AS UINTEGER) AS "at", CAST(m.place AS UINTEGER) AS place, m.id, i.rank
FROM members m
JOIN shop.main.identifiers i ON i.id = m.id
WHERE NOT i.shared
