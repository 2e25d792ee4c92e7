-- The work of looptop over this shop, by hand and from nothing: the same derived tables, then the overview's numbers.

CREATE TABLE events AS
SELECT
    hash(member_id) AS person, ts, ts::DATE AS day, event, channel, campaign, creative, product, region,
    value::DECIMAL(18, 6) AS amount, order_id
FROM read_parquet(getvariable('root') || '/events/*.parquet');

CREATE TABLE spend AS
SELECT
    ts::DATE AS day, channel, campaign, creative, impressions::DECIMAL(18, 6) AS impressions,
    clicks::DECIMAL(18, 6) AS clicks, cost::DECIMAL(18, 6) AS cost, conversions::DECIMAL(18, 6) AS conversions
FROM read_csv(getvariable('root') || '/spend.csv');

CREATE TABLE spend_days AS
SELECT
    day, channel, campaign, creative, sum(impressions) AS impressions, sum(clicks) AS clicks, sum(cost) AS cost,
    sum(conversions) AS conversions, count(*) AS n
FROM spend
GROUP BY ALL;

-- last touch: an event without a channel gets that of the person's latest one in the 30 days before it
CREATE TABLE touches AS
SELECT person, ts, channel, campaign, creative FROM events WHERE channel IS NOT NULL;

CREATE TABLE credited AS
SELECT
    e.person, e.ts, e.day, e.event, e.product, e.region, e.amount, e.order_id, e.channel, e.campaign, e.creative,
    coalesce(e.channel, CASE WHEN t.ts >= e.ts - INTERVAL 30 DAY THEN t.channel END, 'direct') AS c_channel,
    coalesce(e.campaign, CASE WHEN t.ts >= e.ts - INTERVAL 30 DAY THEN t.campaign END) AS c_campaign,
    coalesce(e.creative, CASE WHEN t.ts >= e.ts - INTERVAL 30 DAY THEN t.creative END) AS c_creative
FROM (SELECT * FROM events WHERE event IN ('order', 'refund', 'lead')) AS e
ASOF LEFT JOIN touches AS t ON e.person = t.person AND e.ts >= t.ts
UNION ALL BY NAME
SELECT *, coalesce(channel, 'direct') AS c_channel, campaign AS c_campaign, creative AS c_creative
FROM events
WHERE event NOT IN ('order', 'refund', 'lead');

CREATE TABLE sessions AS
WITH
    gaps AS (
        SELECT
            *,
            ts - lag(ts) OVER w > INTERVAL 30 MINUTE OR lag(ts) OVER w IS NULL AS starts
        FROM events
        WHERE event IN ('visit', 'view', 'search', 'add_to_cart', 'checkout')
        WINDOW w AS (PARTITION BY person ORDER BY ts)
    ),
    numbered AS (
        SELECT *, sum(starts::INTEGER) OVER (PARTITION BY person ORDER BY ts ROWS UNBOUNDED PRECEDING) AS session
        FROM gaps
    )
SELECT
    person, min(day) AS day, min(ts) AS start, epoch(max(ts) - min(ts)) AS seconds, count(*) AS facts,
    count(*) FILTER (event IN ('visit', 'view')) AS pageviews, arg_min(channel, ts) AS channel,
    arg_min(campaign, ts) AS campaign, arg_min(creative, ts) AS creative, arg_min(region, ts) AS region
FROM numbered
GROUP BY person, session;

CREATE TABLE session_days AS
SELECT
    day, channel, campaign, creative, region, count(*) AS visits, count(*) FILTER (pageviews <= 1) AS bounces,
    sum(seconds) AS seconds, sum(pageviews) AS pageviews
FROM sessions
GROUP BY ALL;

CREATE TABLE person_days AS
SELECT person, day, event, c_channel AS channel, count(*) AS n, sum(amount) AS amount FROM credited GROUP BY ALL;

CREATE TABLE event_days AS
SELECT
    day, event, channel, campaign, creative, c_channel, c_campaign, c_creative, count(*) AS n,
    count(amount) AS nonnull, sum(amount) AS amount
FROM credited
GROUP BY ALL;

CREATE TABLE customers AS
SELECT
    person, min(ts) FILTER (event = 'order') AS first_order, max(ts) FILTER (event = 'order') AS last_order,
    count(*) FILTER (event = 'order') AS orders, sum(amount) FILTER (event = 'order') AS revenue,
    sum(amount) FILTER (event = 'refund') AS refunds, arg_min(c_channel, ts) FILTER (event = 'order') AS channel,
    arg_min(c_campaign, ts) FILTER (event = 'order') AS campaign,
    arg_min(c_creative, ts) FILTER (event = 'order') AS creative
FROM credited
WHERE event IN ('order', 'refund')
GROUP BY person
HAVING first_order IS NOT NULL;

CREATE TABLE new_customers AS
SELECT first_order::DATE AS day, channel, campaign, creative, count(*) AS customers FROM customers GROUP BY ALL;

CREATE TABLE people AS
SELECT person, min(day) AS day, min(ts) AS first_ts, max(ts) AS last_ts, count(*) AS facts
FROM events
GROUP BY person;

-- who was active again one, seven and thirty days after the first active day
CREATE TABLE returns AS
WITH
    active AS (SELECT DISTINCT person, day, c_channel AS channel FROM credited),
    firsts AS (SELECT person, min(day) AS day, arg_min(channel, day) AS channel FROM active GROUP BY person)
SELECT
    f.person, f.day, f.channel, bool_or(a.day = f.day + 1) AS d1, bool_or(a.day = f.day + 7) AS d7,
    bool_or(a.day = f.day + 30) AS d30
FROM firsts AS f JOIN active AS a ON a.person = f.person
GROUP BY ALL;

CREATE TABLE cohort_days AS
SELECT
    day, channel, count(*) AS persons, count(*) FILTER (d1) AS d1, count(*) FILTER (d7) AS d7,
    count(*) FILTER (d30) AS d30
FROM returns
GROUP BY ALL;

-- an attempt starts at each visit; each next step is the first one after the step before it, within seven days
CREATE TABLE attempts AS
WITH
    one AS (SELECT person, day, ts AS t1 FROM events WHERE event = 'visit'),
    two AS (
        SELECT one.*, CASE WHEN e.ts <= t1 + INTERVAL 7 DAY THEN e.ts END AS t2
        FROM one ASOF LEFT JOIN (SELECT person, ts FROM events WHERE event = 'view') AS e
            ON one.person = e.person AND one.t1 <= e.ts
    ),
    three AS (
        SELECT two.*, CASE WHEN e.ts <= t1 + INTERVAL 7 DAY THEN e.ts END AS t3
        FROM two ASOF LEFT JOIN (SELECT person, ts FROM events WHERE event = 'add_to_cart') AS e
            ON two.person = e.person AND two.t2 <= e.ts
    ),
    four AS (
        SELECT three.*, CASE WHEN e.ts <= t1 + INTERVAL 7 DAY THEN e.ts END AS t4
        FROM three ASOF LEFT JOIN (SELECT person, ts FROM events WHERE event = 'order') AS e
            ON three.person = e.person AND three.t3 <= e.ts
    )
SELECT
    person, day, t1, t2, t3, t4,
    1 + (t2 IS NOT NULL)::INTEGER + (t3 IS NOT NULL)::INTEGER + (t4 IS NOT NULL)::INTEGER AS level
FROM four;

-- the overview: tiles with their base and trend, the funnel, the channels
CREATE TABLE last_days AS SELECT max(day) AS last FROM events;

CREATE TABLE tiles AS
SELECT
    spend.*, orders.*, visits.*, fresh.*, uv.*, kept.*
FROM
    (
        SELECT sum(cost) FILTER (day > last - 7) AS cost, sum(cost) FILTER (day <= last - 7) AS cost_before,
            sum(clicks) FILTER (day > last - 7) / sum(impressions) FILTER (day > last - 7) AS ctr
        FROM spend_days, last_days WHERE day > last - 14
    ) AS spend,
    (
        SELECT
            sum(n) FILTER (event = 'order' AND day > last - 7) AS orders,
            sum(n) FILTER (event = 'order' AND day <= last - 7) AS orders_before,
            sum(amount) FILTER (event = 'order' AND day > last - 7) AS revenue,
            sum(amount) FILTER (event = 'order' AND day <= last - 7) AS revenue_before,
            sum(amount) FILTER (event = 'refund' AND day > last - 7) AS refunds,
            sum(n) FILTER (event = 'lead' AND day > last - 7) AS leads
        FROM event_days, last_days WHERE day > last - 14
    ) AS orders,
    (
        SELECT sum(visits) FILTER (day > last - 7) AS visits, sum(visits) FILTER (day <= last - 7) AS visits_before
        FROM session_days, last_days WHERE day > last - 14
    ) AS visits,
    (
        SELECT sum(customers) FILTER (day > last - 7) AS new_customers,
            sum(customers) FILTER (day <= last - 7) AS new_customers_before
        FROM new_customers, last_days WHERE day > last - 14
    ) AS fresh,
    (
        SELECT count(DISTINCT person) FILTER (day > last - 7) AS uv,
            count(DISTINCT person) FILTER (day <= last - 7) AS uv_before
        FROM person_days, last_days WHERE day > last - 14 AND event IN ('visit', 'view')
    ) AS uv,
    (
        SELECT sum(d7) FILTER (day > last - 14) / sum(persons) FILTER (day > last - 14) AS retention_d7
        FROM cohort_days, last_days WHERE day <= last - 7
    ) AS kept;

CREATE TABLE trend AS
SELECT day, sum(n) FILTER (event = 'order') AS orders, sum(amount) FILTER (event = 'order') AS revenue
FROM event_days, last_days
WHERE day > last - 56
GROUP BY day;

CREATE TABLE channel_trend AS
SELECT day, c_channel AS channel, sum(amount) FILTER (event = 'order') AS revenue
FROM event_days, last_days
WHERE day > last - 14
GROUP BY ALL;

CREATE TABLE funnel AS
SELECT level, count(*) AS persons
FROM (SELECT person, max(level) AS level FROM attempts, last_days WHERE day > last - 7 GROUP BY person)
GROUP BY level;

CREATE TABLE channels AS
SELECT * FROM
    (SELECT channel, sum(cost) AS cost FROM spend_days, last_days WHERE day > last - 7 GROUP BY channel)
    FULL JOIN (
        SELECT c_channel AS channel, sum(n) AS orders, sum(amount) AS revenue
        FROM event_days, last_days WHERE day > last - 7 AND event = 'order' GROUP BY ALL
    ) USING (channel)
    FULL JOIN (
        SELECT coalesce(channel, 'direct') AS channel, sum(visits) AS visits
        FROM session_days, last_days WHERE day > last - 7 GROUP BY ALL
    ) USING (channel);
