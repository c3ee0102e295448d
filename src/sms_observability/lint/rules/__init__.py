"""Rules, dashboards and expressions held against the catalogue.

Needs the extra `lint`: the real parser of PromQL, and PyYAML.
"""

from sms_observability.lint.rules.check import check_rules
from sms_observability.lint.rules.finding import RuleFinding
from sms_observability.lint.rules.inspection import RuleOptions

__all__ = ["RuleFinding", "RuleOptions", "check_rules"]
