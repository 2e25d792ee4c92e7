/*
key = "person"
reads = ["events"]
doc = "Events without a channel of their own: the person's latest touch that was not direct, at most 30 days before"
[columns]
person = "UBIGINT"
day = "DATE"
part = "INTEGER"
row = "UINTEGER"
channel = "VARCHAR"
campaign = "VARCHAR"
creative = "VARCHAR"
*/
WITH wanted AS (
    SELECT person, ts, day, part, row FROM events
    WHERE person IS NOT NULL AND channel IS NULL AND (kind IN ('transaction', 'lead') OR event = 'register' OR $everything)
),
moments AS (
    SELECT DISTINCT e.person, e.ts FROM events e SEMI JOIN wanted w ON w.person = e.person
    WHERE e.channel IS NOT NULL AND e.channel <> 'direct'
),
latest AS (
    SELECT w.person, w.day, w.part, w.row, m.ts
    FROM wanted w ASOF JOIN moments m ON w.person = m.person AND w.ts >= m.ts
    WHERE m.ts >= w.ts - INTERVAL 30 DAY
),
touches AS (
    /* Of several touches at one moment the first by name: the answer must not depend on the order of files. */
    SELECT e.person, e.ts, min({'channel': e.channel, 'campaign': coalesce(e.campaign, ''), 'creative': coalesce(e.creative, '')}) AS touch
    FROM events e SEMI JOIN latest l ON l.person = e.person AND l.ts = e.ts
    WHERE e.channel IS NOT NULL AND e.channel <> 'direct'
    GROUP BY e.person, e.ts
)
SELECT l.person, l.day, l.part, l.row, t.touch.channel AS channel,
       nullif(t.touch.campaign, '') AS campaign, nullif(t.touch.creative, '') AS creative
FROM latest l JOIN touches t ON t.person = l.person AND t.ts = l.ts
