"""The documentation, followed by a machine."""
