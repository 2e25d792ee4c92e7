"""The commands, one module each: `run(arguments) -> int` does it, the grammar says how it is written."""
