-- The tables of the ledger that belong to alerts. Times are ISO 8601, naive UTC; a member is its labels as JSON.
CREATE TABLE IF NOT EXISTS alert_rules (
    rule TEXT PRIMARY KEY, digest TEXT NOT NULL, evaluated_at TEXT NOT NULL
) STRICT;
-- The history: rows are never deleted. in_force: part of the present timeline; shown: part of the history.
CREATE TABLE IF NOT EXISTS alert_transitions (
    n INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, member TEXT NOT NULL, period TEXT NOT NULL,
    event TEXT NOT NULL, severity TEXT, reason TEXT, late INTEGER NOT NULL, partial INTEGER NOT NULL,
    active_at TEXT, episode TEXT, detected_at TEXT NOT NULL, in_force INTEGER NOT NULL, shown INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS alert_transitions_rule ON alert_transitions (rule, member, in_force);
CREATE INDEX IF NOT EXISTS alert_transitions_episode ON alert_transitions (episode);
CREATE TABLE IF NOT EXISTS alert_episodes (
    episode TEXT PRIMARY KEY, rule TEXT NOT NULL, member TEXT NOT NULL, active_at TEXT NOT NULL,
    detected_at TEXT NOT NULL, revision INTEGER NOT NULL DEFAULT 0
) STRICT;
-- Verdicts given while a period still ran, and readings that no file repeats: replay needs them again.
CREATE TABLE IF NOT EXISTS alert_running (
    n INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, member TEXT NOT NULL, period TEXT NOT NULL,
    level INTEGER NOT NULL, recovered INTEGER, at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS alert_readings (
    source TEXT NOT NULL, period TEXT NOT NULL, value REAL NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (source, period)
) STRICT;
CREATE TABLE IF NOT EXISTS alert_acts (
    n INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, episode TEXT, rule TEXT NOT NULL, member TEXT NOT NULL,
    author TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL, until TEXT
) STRICT;
-- What was found behind an episode when it fired, rose or was revised; rows are never changed.
CREATE TABLE IF NOT EXISTS alert_causes (
    episode TEXT NOT NULL, revision INTEGER NOT NULL, at TEXT NOT NULL, period TEXT NOT NULL, found TEXT NOT NULL,
    PRIMARY KEY (episode, revision)
) STRICT;
-- Values of the periods of episodes, a row where one is another than before: rows are only added.
CREATE TABLE IF NOT EXISTS alert_values (
    n INTEGER PRIMARY KEY AUTOINCREMENT, episode TEXT NOT NULL, period TEXT NOT NULL, value REAL, at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS alert_values_episode ON alert_values (episode);
-- Rules as they were last judged, and what each edit of one changed: keys as JSON, and what became of its episodes.
CREATE TABLE IF NOT EXISTS alert_definitions (rule TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS alert_edits (
    n INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    ended INTEGER NOT NULL, kept INTEGER NOT NULL, new INTEGER NOT NULL, at TEXT NOT NULL
) STRICT;
-- What people said of episodes: the last row of an episode is in force.
CREATE TABLE IF NOT EXISTS alert_reviews (
    n INTEGER PRIMARY KEY AUTOINCREMENT, episode TEXT, rule TEXT, member TEXT, label TEXT, author TEXT, note TEXT, at TEXT
) STRICT;
-- Periods in which a rule should have fired and did not, as people marked them.
CREATE TABLE IF NOT EXISTS alert_missed (
    n INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, member TEXT NOT NULL, period TEXT NOT NULL,
    author TEXT NOT NULL, note TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
-- Who has been told what of an episode.
CREATE TABLE IF NOT EXISTS alert_told (
    episode TEXT NOT NULL, rule TEXT NOT NULL, member TEXT NOT NULL, recipient TEXT NOT NULL,
    channel TEXT NOT NULL, severity TEXT NOT NULL,
    told_at TEXT NOT NULL, last_at TEXT NOT NULL, closing INTEGER NOT NULL DEFAULT 0, escalated INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (episode, recipient, channel)
) STRICT;
CREATE TABLE IF NOT EXISTS outbox (
    n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, rule TEXT NOT NULL,
    episodes TEXT NOT NULL, new INTEGER NOT NULL, total INTEGER NOT NULL, recipients TEXT NOT NULL, channel TEXT,
    severity TEXT, payload TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'queued', attempts INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL, sent_at TEXT, next_try TEXT, reply TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (channel) WHERE state IN ('queued', 'sending', 'failed');
-- What carries a message. post: key of the post that carries it, alone or with others, the same at every attempt
-- (empty: none has yet); held: the failure was the message's (0), the channel's (1), or there is no channel (2).
CREATE TABLE IF NOT EXISTS outbox_posts (
    message TEXT PRIMARY KEY, post TEXT NOT NULL, first_try TEXT NOT NULL, held INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
-- The one process that sends; beat changes while it does.
CREATE TABLE IF NOT EXISTS outbox_notifier (
    one INTEGER PRIMARY KEY CHECK (one = 1), holder TEXT NOT NULL, beat INTEGER NOT NULL
) STRICT;
-- Numbers of identifiers that were the canonical one of a person at any time: where a person has a new one, the
-- old ones are its aliases.
CREATE TABLE IF NOT EXISTS person_canonicals (id INTEGER PRIMARY KEY) STRICT;
-- Links that people drew or forbade by hand; a later row about the same pair replaces an earlier one.
CREATE TABLE IF NOT EXISTS person_links (
    n INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL,
    author TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
-- Which copy of a disputed report was taken: rows are never changed, the last one of a dispute is in force.
CREATE TABLE IF NOT EXISTS quality_decisions (
    n INTEGER PRIMARY KEY AUTOINCREMENT, dispute TEXT NOT NULL, source TEXT NOT NULL, day TEXT NOT NULL,
    take TEXT NOT NULL, author TEXT NOT NULL, note TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
-- Who looked at personal data in full, or had it erased, and why: rows are only added.
CREATE TABLE IF NOT EXISTS audit (
    n INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, author TEXT NOT NULL, kind TEXT NOT NULL,
    asked TEXT NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS audit_unchanged BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;
CREATE TRIGGER IF NOT EXISTS audit_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;
-- HMACs of the identifiers of erased persons, each with its erasure, and the receipts: no personal data.
CREATE TABLE IF NOT EXISTS erased (hmac TEXT PRIMARY KEY, erasure TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS receipts (erasure TEXT PRIMARY KEY, receipt TEXT NOT NULL) STRICT;
-- Published numbers: metrics by day, a row only where value or definition is another than the version before said.
-- at: on the wall clock; as_of: the console's clock, which says whether a day was over.
CREATE TABLE IF NOT EXISTS published_versions (
    n INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, as_of TEXT NOT NULL, watermark TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS published_values (
    metric TEXT NOT NULL, day TEXT NOT NULL, version INTEGER NOT NULL, value REAL, definition TEXT NOT NULL,
    PRIMARY KEY (metric, day, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS published_values_version ON published_values (version, metric, day);
CREATE TABLE IF NOT EXISTS published_definitions (metric TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- The parts behind the newest version, and the files that made a version another than the one before.
-- days: JSON, [[first, last], …]; null: any day.
CREATE TABLE IF NOT EXISTS published_parts (part TEXT PRIMARY KEY, file TEXT NOT NULL, days TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS published_files (
    version INTEGER NOT NULL, file TEXT NOT NULL, change TEXT NOT NULL, days TEXT, PRIMARY KEY (version, file)
) STRICT, WITHOUT ROWID;
-- Which definition a metric had from when on, as refreshes saw it: rows are only added.
CREATE TABLE IF NOT EXISTS metric_definitions (
    n INTEGER PRIMARY KEY AUTOINCREMENT, metric TEXT NOT NULL, definition TEXT NOT NULL, formula TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
