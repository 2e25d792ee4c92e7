/* Of the touched identifiers, those that more than so many distinct values of a type stand beside.
   Reads touched_ids(id), near(subject, id, place), identifiers, fanout(rank, other, most). */
WITH judged AS (
    SELECT i.id, i.rank FROM shop.main.identifiers i
    SEMI JOIN touched_ids t ON t.id = i.id
    SEMI JOIN fanout f ON f.rank = i.rank
),
sizes AS (
    SELECT subject, count(*) - 1 AS others FROM near GROUP BY subject
),
crowded AS (
    SELECT j.id, any_value(j.rank) AS rank
    FROM judged j
    JOIN near n ON n.id = j.id
    JOIN sizes s ON s.subject = n.subject
    GROUP BY j.id
    HAVING sum(s.others) > (SELECT min(most) FROM fanout)
),
beside AS (
    SELECT DISTINCT c.id, c.rank, other.id AS other
    FROM crowded c
    JOIN near one ON one.id = c.id
    JOIN near other ON other.subject = one.subject AND other.id <> one.id
)
SELECT DISTINCT id FROM (
    SELECT b.id
    FROM beside b
    JOIN shop.main.identifiers o ON o.id = b.other
    JOIN fanout f ON f.rank = b.rank AND f.other = o.rank
    GROUP BY b.id, f.other
    HAVING count(*) > any_value(f.most)
)
