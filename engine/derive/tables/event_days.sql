/*
key = "day"
reads = ["events", "credits"]
doc = "Events per day, own and credited channel: the cube behind most metrics"
[columns]
day = "DATE"
source = "VARCHAR"
event = "VARCHAR"
channel = "VARCHAR"
campaign = "VARCHAR"
creative = "VARCHAR"
c_channel = "VARCHAR"
c_campaign = "VARCHAR"
c_creative = "VARCHAR"
n = "BIGINT"
nonnull = "BIGINT"
amount = "DECIMAL(38,6)"
quantity = "DECIMAL(38,6)"
*/
SELECT e.day, e.source, e.event, e.channel, e.campaign, e.creative,
       coalesce(e.channel, c.channel, 'direct') AS c_channel,
       coalesce(e.campaign, c.campaign) AS c_campaign, coalesce(e.creative, c.creative) AS c_creative,
       count(*) AS n, count(e.amount) AS nonnull, sum(e.amount) AS amount, sum(e.quantity) AS quantity
FROM events e LEFT JOIN credits c ON c.part = e.part AND c.row = e.row
GROUP BY e.day, e.source, e.event, e.channel, e.campaign, e.creative,
         coalesce(e.channel, c.channel, 'direct'), coalesce(e.campaign, c.campaign), coalesce(e.creative, c.creative)
