"""Rules and configuration, run by promtool and by Prometheus."""
