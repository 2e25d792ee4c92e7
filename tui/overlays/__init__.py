"""What opens above a page: pickers, the command line, help, forms, the wall."""
