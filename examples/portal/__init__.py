"""The parts portal: four small services and a worker, each observable by one call."""
