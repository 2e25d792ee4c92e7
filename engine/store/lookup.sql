CREATE OR REPLACE TEMP TABLE lookup_kept AS
SELECT * FROM lookup_rows
QUALIFY row_number() OVER (PARTITION BY key, valid_from ORDER BY line, row) = 1;

SELECT r.key, min(r.line), min(k.line)
FROM lookup_rows r JOIN lookup_kept k ON k.key = r.key AND k.valid_from IS NOT DISTINCT FROM r.valid_from
WHERE {said}
GROUP BY r.key ORDER BY 2, 1 LIMIT 20;

CREATE OR REPLACE TEMP TABLE lookup_read AS
WITH held AS (
    SELECT *, coalesce(valid_from, DATE '0001-01-01') AS since, coalesce(valid_to, DATE '9999-12-31') AS until
    FROM lookup_kept
    WHERE valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from
),
/* Of several rows that hold on one day the one that began last: each border may change which one that is. */
borders AS (
    SELECT DISTINCT key, unnest([since, until + 1]) AS day FROM held
),
spans AS (
    SELECT key, day AS first, lead(day) OVER (PARTITION BY key ORDER BY day) - 1 AS last FROM borders
)
SELECT s.key, CAST(s.first AS DATE) AS first, CAST(s.last AS DATE) AS last, {names}
FROM spans s JOIN held h ON h.key = s.key AND h.since <= s.first AND h.until >= s.last
WHERE s.last IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY s.key, s.first ORDER BY h.since DESC, h.line, h.row) = 1;
