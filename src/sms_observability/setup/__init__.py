"""Putting the house together: `init_observability` and what it returns."""
