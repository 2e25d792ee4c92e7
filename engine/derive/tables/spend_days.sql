/*
key = "day"
reads = ["spend"]
doc = "Media facts per day and dimensions, in the console's currency"
[columns]
day = "DATE"
source = "VARCHAR"
channel = "VARCHAR"
campaign = "VARCHAR"
creative = "VARCHAR"
region = "VARCHAR"
device = "VARCHAR"
account = "VARCHAR"
impressions = "DECIMAL(38,6)"
clicks = "DECIMAL(38,6)"
cost = "DECIMAL(38,6)"
conversions = "DECIMAL(38,6)"
conversion_value = "DECIMAL(38,6)"
n = "BIGINT"
*/
SELECT day, source, channel, campaign, creative, region, device, account,
       sum(impressions) AS impressions, sum(clicks) AS clicks, sum(cost) AS cost,
       sum(conversions) AS conversions, sum(conversion_value) AS conversion_value, count(*) AS n
FROM spend
GROUP BY day, source, channel, campaign, creative, region, device, account
