"""Rows of databases → parts: a source with `sql` is read like a file that grows by itself.

    environment ─ address ─► connection (SQLite, PostgreSQL, MySQL) ─► batches ─► frames of texts ─► parts

Drivers come in with the first database that needs them; nothing here is loaded without one.
"""
