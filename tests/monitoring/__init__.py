"""What is rendered for Prometheus, run by it."""
