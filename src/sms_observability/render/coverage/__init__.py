"""What became of each thing that the two plan documents ask for: file, test, and where we deviate and why."""

from sms_observability.render.coverage.item import Item
from sms_observability.render.coverage.page import plan, render_coverage, targets

__all__ = ["Item", "plan", "render_coverage", "targets"]
