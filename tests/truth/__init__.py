"""Numbers that another program worked out from real exports, asked of the commands."""
