"""From a condition and a series to a history: verdicts, the state machine, bands and trials."""
