/* Subjects with their first observation: by moment, then observation id as text (by default source, file
   and line). Reads first_facts(part, row, line, ts, subject): the facts of each subject at its first moment;
   {parts}: the part files that hold them. */
WITH named AS (
    SELECT f.subject, f.part, f.row, f.ts, o.ids,
           coalesce(o.event_id, p.source) AS obs,
           CASE WHEN o.event_id IS NULL THEN p.file ELSE '' END AS obs_file,
           CASE WHEN o.event_id IS NULL THEN f.line ELSE 0 END AS obs_line
    FROM first_facts f
    JOIN shop.main.parts p ON p.part = f.part
    JOIN ({parts}) o ON o.path = p.path AND o.row = f.row
)
SELECT subject, ids, ts, obs, obs_file, obs_line, part, row
FROM named
WHERE len(ids) > 0
QUALIFY row_number() OVER (PARTITION BY subject ORDER BY obs, obs_file, obs_line, part, row) = 1
