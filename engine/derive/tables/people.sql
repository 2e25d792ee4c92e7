/*
key = "person"
reads = ["events", "profiles"]
doc = "Every person that a fact knows: first and last moment"
[columns]
person = "UBIGINT"
day = "DATE"
first_ts = "TIMESTAMP"
last_ts = "TIMESTAMP"
facts = "BIGINT"
*/
SELECT person, min(day) AS day, min(ts) AS first_ts, max(ts) AS last_ts, count(*) AS facts
FROM (
    SELECT person, day, ts FROM events WHERE person IS NOT NULL
    UNION ALL
    SELECT person, day, ts FROM profiles WHERE person IS NOT NULL
)
GROUP BY person
