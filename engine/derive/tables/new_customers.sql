/*
key = "day"
reads = ["customers"]
doc = "First orders per day and credited channel"
[columns]
day = "DATE"
channel = "VARCHAR"
campaign = "VARCHAR"
creative = "VARCHAR"
customers = "BIGINT"
*/
SELECT day, channel, campaign, creative, count(*) AS customers
FROM customers
WHERE day IS NOT NULL
GROUP BY day, channel, campaign, creative
