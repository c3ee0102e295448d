"""`sms-observability doctor`: does telemetry arrive, and if not, what is to be done."""

from sms_observability.cli.doctor.command import doctor

__all__ = ["doctor"]
