"""Bytes that nobody meant: every reader, under laws that hold whatever a file holds."""
