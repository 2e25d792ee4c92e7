/*
key = "person"
reads = ["events", "credits"]
doc = "Persons with an order or a refund: first and last order, how many, how much, and who brought the first"
[columns]
person = "UBIGINT"
day = "DATE"
first_day = "DATE"
last_day = "DATE"
first_order = "TIMESTAMP"
last_order = "TIMESTAMP"
orders = "BIGINT"
revenue = "DECIMAL(38,6)"
refunds = "DECIMAL(38,6)"
channel = "VARCHAR"
campaign = "VARCHAR"
creative = "VARCHAR"
*/
WITH paid AS (
    SELECT e.person, e.ts, e.day, e.event, e.amount, coalesce(e.channel, c.channel, 'direct') AS channel,
           coalesce(e.campaign, c.campaign) AS campaign, coalesce(e.creative, c.creative) AS creative
    FROM events e LEFT JOIN credits c ON c.part = e.part AND c.row = e.row
    WHERE e.person IS NOT NULL AND e.event IN ('order', 'refund')
),
totals AS (
    SELECT person, min(day) FILTER (WHERE event = 'order') AS day, max(day) FILTER (WHERE event = 'order') AS last_day,
           min(ts) FILTER (WHERE event = 'order') AS first_order, max(ts) FILTER (WHERE event = 'order') AS last_order,
           count(*) FILTER (WHERE event = 'order') AS orders,
           sum(amount) FILTER (WHERE event = 'order') AS revenue, sum(amount) FILTER (WHERE event = 'refund') AS refunds,
           min({'ts': ts, 'channel': channel, 'campaign': coalesce(campaign, ''), 'creative': coalesce(creative, '')})
               FILTER (WHERE event = 'order') AS first
    FROM paid
    GROUP BY person
)
SELECT person, day, day AS first_day, last_day, first_order, last_order, orders, revenue, refunds,
       first.channel AS channel, nullif(first.campaign, '') AS campaign, nullif(first.creative, '') AS creative
FROM totals
