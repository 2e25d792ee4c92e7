/*
key = "day"
reads = ["returns"]
doc = "Persons by their first active day and its channel, and how many of them were active 1, 7 and 30 days later"
[columns]
day = "DATE"
channel = "VARCHAR"
persons = "BIGINT"
d1 = "BIGINT"
d7 = "BIGINT"
d30 = "BIGINT"
*/
SELECT day, channel, count(*) AS persons, count(*) FILTER (WHERE d1) AS d1, count(*) FILTER (WHERE d7) AS d7,
       count(*) FILTER (WHERE d30) AS d30
FROM returns
GROUP BY day, channel
