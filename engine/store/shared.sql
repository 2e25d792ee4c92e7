/* Of the touched identifiers, those that more than so many distinct values of a type stand beside.
   Reads touched_ids(id), near(subject, id, rank, place), fanout(rank, other, most). */
WITH strong AS (
    SELECT subject, rank, min(id) AS low, max(id) AS high, count(*) AS held
    FROM near SEMI JOIN fanout f ON f.other = near.rank
    GROUP BY subject, rank
),
weak AS (
    SELECT r.subject, r.id, r.rank FROM near r
    SEMI JOIN touched_ids t ON t.id = r.id SEMI JOIN fanout f ON f.rank = r.rank
),
/* One value beside all along is the rule: only where there are several they are counted. */
crowded AS (
    SELECT w.id, any_value(w.rank) AS rank, s.rank AS other, any_value(f.most) AS most
    FROM weak w
    JOIN strong s ON s.subject = w.subject
    JOIN fanout f ON f.rank = w.rank AND f.other = s.rank
    GROUP BY w.id, s.rank
    HAVING min(s.low) <> max(s.high) AND sum(s.held) > any_value(f.most)
)
SELECT DISTINCT id FROM (
    SELECT c.id
    FROM crowded c
    JOIN near n ON n.id = c.id
    JOIN near o ON o.subject = n.subject AND o.rank = c.other AND o.id <> c.id
    GROUP BY c.id, c.other
    HAVING count(DISTINCT o.id) > any_value(c.most)
)
