"""Measurements, reported and never asserted: `python -m tests.bench [--events N] [--terminal]`."""
