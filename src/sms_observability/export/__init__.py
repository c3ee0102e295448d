"""The door: everything that leaves the process is encoded, sent and accounted for here."""
