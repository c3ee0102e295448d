"""The parts portal: three small services and a worker, each observable by one call."""
