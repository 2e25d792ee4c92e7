/*
key = "person"
reads = ["events", "credits"]
doc = "The first active day of each person, its channel, and whether it was active 1, 7 and 30 days later"
[columns]
person = "UBIGINT"
day = "DATE"
channel = "VARCHAR"
d1 = "BOOLEAN"
d7 = "BOOLEAN"
d30 = "BOOLEAN"
*/
WITH active AS (
    SELECT DISTINCT e.person, e.day, coalesce(e.channel, c.channel, 'direct') AS channel
    FROM events e LEFT JOIN credits c ON c.part = e.part AND c.row = e.row
    WHERE e.person IS NOT NULL AND e.event NOT IN ('message_sent', 'mql', 'sql', 'deal', 'lost')
),
first AS (
    SELECT person, min({'day': day, 'channel': channel}) AS touch FROM active GROUP BY person
)
SELECT f.person, f.touch.day AS day, f.touch.channel AS channel,
       bool_or(a.day = f.touch.day + 1) AS d1, bool_or(a.day = f.touch.day + 7) AS d7,
       bool_or(a.day = f.touch.day + 30) AS d30
FROM first f JOIN active a ON a.person = f.person
GROUP BY f.person, f.touch.day, f.touch.channel
