"""From snapshots and answers to what widgets draw: pure functions, no terminal and no session."""
