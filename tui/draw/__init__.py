"""Views as lines: what a widget shows at a size, without a terminal, so that `--once` and tests draw the same."""
