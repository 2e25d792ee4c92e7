/*
key = "person"
reads = ["events", "credits"]
doc = "What each person did on each day; distinct persons of any range are counted from it"
[columns]
person = "UBIGINT"
day = "DATE"
event = "VARCHAR"
channel = "VARCHAR"
n = "BIGINT"
amount = "DECIMAL(38,6)"
*/
SELECT e.person, e.day, e.event, coalesce(e.channel, c.channel, 'direct') AS channel,
       count(*) AS n, sum(e.amount) AS amount
FROM events e LEFT JOIN credits c ON c.part = e.part AND c.row = e.row
WHERE e.person IS NOT NULL
GROUP BY e.person, e.day, e.event, coalesce(e.channel, c.channel, 'direct')
