"""The engine: files in, answers out; `engine.session.Session` is its door, `engine.questions` its language.

The rooms stand in the order in which data flows: workspace, ingest, identity, store, derive, metrics,
funnels, alerts. Importing this package imports none of them.
"""

__version__ = "0.4.0"
