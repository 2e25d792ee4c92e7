"""What conditions read: series by member and period, and what earlier periods say of them."""
