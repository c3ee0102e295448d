"""Real programs for tests: found through ``tools/servers.py``, run on loopback, ended with the test."""
