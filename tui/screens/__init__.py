"""Pages: which panels a place has, what they ask, and what Enter means in them."""
