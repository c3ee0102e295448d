"""What Grafana reads: dashboards, data sources and where they are found; the restricted ones apart."""

from sms_observability.render.grafana.dashboards import dashboard_json, render_dashboards
from sms_observability.render.grafana.provisioning import render_provisioning

__all__ = ["dashboard_json", "render_dashboards", "render_provisioning"]
