"""The whole stack on one machine: portal, ship, gateway, sampler, Prometheus, Alertmanager and what else is built."""
