"""`sms-observability incident`: what is said of an incident, in Slack, by e-mail and on the status page."""

from sms_observability.cli.incident.command import incident

__all__ = ["incident"]
