/*
key = "day"
reads = ["sessions"]
doc = "Visits per day and dimensions"
[columns]
day = "DATE"
channel = "VARCHAR"
campaign = "VARCHAR"
creative = "VARCHAR"
region = "VARCHAR"
device = "VARCHAR"
visits = "BIGINT"
bounces = "BIGINT"
seconds = "DECIMAL(38,6)"
pageviews = "BIGINT"
*/
SELECT day, channel, campaign, creative, region, device, count(*) AS visits,
       count(*) FILTER (WHERE bounced) AS bounces, sum(CAST(seconds AS DECIMAL(18,6))) AS seconds,
       CAST(sum(pageviews) AS BIGINT) AS pageviews
FROM sessions
GROUP BY day, channel, campaign, creative, region, device
