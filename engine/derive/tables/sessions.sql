/*
key = "person"
reads = ["events"]
doc = "Visits: a person's behaviour without a gap of more than 30 minutes; its channel is the first one named in it"
[columns]
person = "UBIGINT"
day = "DATE"
start = "TIMESTAMP"
seconds = "DOUBLE"
facts = "BIGINT"
pageviews = "BIGINT"
bounced = "BOOLEAN"
channel = "VARCHAR"
campaign = "VARCHAR"
creative = "VARCHAR"
region = "VARCHAR"
device = "VARCHAR"
page = "VARCHAR"
*/
WITH ordered AS (
    SELECT person, ts, day, event, channel, campaign, creative, region, device, page,
           coalesce(ts - lag(ts) OVER (PARTITION BY person ORDER BY ts) > INTERVAL 30 MINUTE, TRUE) AS opens
    FROM events
    WHERE kind = 'behaviour' AND person IS NOT NULL
),
numbered AS (
    SELECT *, sum(opens::INTEGER) OVER (PARTITION BY person ORDER BY ts) AS visit FROM ordered
),
visits AS (
    SELECT person, min(ts) AS start, max(ts) AS stop, min(day) AS day, count(*) AS facts,
           count(*) FILTER (WHERE event IN ('visit', 'view')) AS pageviews,
           min({'ts': ts, 'channel': channel, 'campaign': coalesce(campaign, ''), 'creative': coalesce(creative, '')})
               FILTER (WHERE channel IS NOT NULL) AS touch,
           min({'ts': ts, 'region': coalesce(region, ''), 'device': coalesce(device, ''), 'page': coalesce(page, '')}) AS landing
    FROM numbered
    GROUP BY person, visit
)
SELECT person, day, start, epoch_us(stop) / 1e6 - epoch_us(start) / 1e6 AS seconds, facts, pageviews, facts = 1 AS bounced,
       coalesce(touch.channel, 'direct') AS channel,
       nullif(touch.campaign, '') AS campaign, nullif(touch.creative, '') AS creative,
       nullif(landing.region, '') AS region, nullif(landing.device, '') AS device, nullif(landing.page, '') AS page
FROM visits
