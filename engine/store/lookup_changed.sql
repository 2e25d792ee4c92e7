CREATE OR REPLACE TEMP TABLE lookup_changed AS
WITH differing AS (
    (FROM lookup_read EXCEPT FROM {old}) UNION ALL (FROM {old} EXCEPT FROM lookup_read)
),
/* A span that was only cut at another day says the same as before on its other days. */
borders AS (
    SELECT DISTINCT key, unnest([first, last + 1]) AS day FROM differing
),
spans AS (
    SELECT key, CAST(day AS DATE) AS first, CAST(lead(day) OVER (PARTITION BY key ORDER BY day) - 1 AS DATE) AS last
    FROM borders
)
SELECT s.key, s.first, s.last
FROM spans s
LEFT JOIN {old} r ON r.key = s.key AND s.first BETWEEN r.first AND r.last
LEFT JOIN lookup_read k ON k.key = s.key AND s.first BETWEEN k.first AND k.last
WHERE s.last IS NOT NULL AND ({said})
