/* Records of which two files of a source report different numbers: how many files say what, as one digest.
   Reads touched_records(source, record) and shop.main.disputing(source). */
WITH said AS (
    SELECT r.source, r.record, min(r.day) AS day, p.file,
           md5(string_agg(
               concat_ws('|', r.impressions, '/', r.reach, '/', r.clicks, '/', r.cost, '/', r.conversions, '/',
                         r.conversion_value, '/', r.currency),
               ';' ORDER BY r.impressions, r.reach, r.clicks, r.cost, r.conversions, r.conversion_value,
                            r.currency)) AS numbers
    FROM shop.main.raw_spend r
    JOIN shop.main.parts p ON p.part = r.part
    SEMI JOIN touched_records t ON t.source = r.source AND t.record = r.record
    SEMI JOIN shop.main.disputing d ON d.source = r.source
    GROUP BY r.source, r.record, p.file
)
SELECT source, record, min(day) AS day, list(file ORDER BY file) AS files,
       md5(string_agg(file || ':' || numbers, ';' ORDER BY file)) AS digest
FROM said
GROUP BY source, record
HAVING count(DISTINCT numbers) > 1
