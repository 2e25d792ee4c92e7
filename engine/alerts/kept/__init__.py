"""What the ledger keeps: transitions, acts, definitions, values and messages, each thing once."""
