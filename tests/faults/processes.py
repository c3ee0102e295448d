"""Faults of the process."""
