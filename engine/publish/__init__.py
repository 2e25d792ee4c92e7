"""From tables to what people see: status, rows, persons and the overview's snapshot."""
