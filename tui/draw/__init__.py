"""Views as lines: what a widget shows at a size, without a terminal; `--once` and tests draw the same."""
