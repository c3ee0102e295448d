"""`sms-observability dashboards`: the rendered dashboards, seen without a Grafana."""

from sms_observability.cli.dashboards.command import dashboards

__all__ = ["dashboards"]
