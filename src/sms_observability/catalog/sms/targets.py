"""What the portal's figures should be: the targets document's tables, the plan's alerts and SLAs."""

from __future__ import annotations

from sms_observability.catalog.sms.journeys import JOURNEYS
from sms_observability.catalog.target import Target

AVAILABILITY = Target("availability 99.95 %", 99.95, better="higher")
LATENCY_P95 = Target("p95 below 500 ms", 0.5, better="lower", warn=0.4)
LATENCY_ALERT = Target("p95 above 1 s is alerted", 1, better="lower", warn=0.5)
ERROR_RATE = Target("errors below 0.1 %", 0.1, better="lower", warn=0.05)
ERROR_ALERT = Target("errors above 1 % are alerted", 1, better="lower", warn=0.1)
THROUGHPUT = Target("1,000 requests a second", 1000, better="higher")
UP = Target("up", 1, better="higher")
CPU = Target("CPU below 80 %", 80, better="lower", warn=70)
CPU_ALERT = Target("CPU above 90 % is alerted", 90, better="lower", warn=80)
MEMORY = Target("memory below 85 %", 85, better="lower", warn=75)
MEMORY_ALERT = Target("memory above 90 % is alerted", 90, better="lower", warn=85)
DISK = Target("disk below 85 %", 85, better="lower", warn=75)
POOL = Target("pool below 90 %", 90, better="lower", warn=80)
PROBE = Target("an answer within 1 s", 1, better="lower", warn=0.5)

DAILY_REVENUE = Target("$5,000 a day", 5000, better="higher")
CONVERSION = Target("conversion above 3 %", 3, better="higher")
COMPLETION = Target("95 % of orders completed", 95, better="higher", warn=97)
ORDER_FAILURES = Target("failed orders above 5 % are alerted", 5, better="lower", warn=3)
SESSIONS = Target("10 sessions an hour", 10, better="higher")
SATISFACTION = Target("satisfaction above 4 of 5", 4, better="higher", warn=4.2)
COMPLIANCE = Target("all checks passed", 100, better="higher")
CHURN_RISK = Target("risk above 0.7", 0.7, better="lower", warn=0.5)
ONBOARDING = Target("half done after a day", 50, better="higher", warn=80)
MARKUP = Target("markup 20 %, alerted below 18 %", 18, better="higher", warn=20)

SECURITY_SCORE = Target("score 100", 100, better="higher")
CERTIFICATE = Target("two weeks left", 1_209_600, better="higher", warn=2_592_000)
CLOCK = Target("clock off by less than 0.5 s", 0.5, better="lower", warn=0.1)
NONE = Target("none", 1, better="lower")
FAILED_LOGINS_DAY = Target("below 10 failed logins a day", 10, better="lower", warn=5)
FAILED_LOGINS = Target("above 10 in 5 minutes is alerted", 10, better="lower", warn=5)
REFUSALS = Target("above 50 in 5 minutes is alerted", 50, better="lower", warn=25)
SENT_OUT = Target("above 1 GB in 5 minutes is alerted", 1e9, better="lower", warn=5e8)

BUDGET = Target("error budget left", 0, better="higher", warn=0.25)
BURN_PAGE = Target("burning 14.4 times too fast pages", 14.4, better="lower", warn=6)
JOURNEY_SHARE = Target("99 % within the SLA", 99, better="higher", warn=99.5)
JOURNEY_SLAS = tuple(Target.of(journey) for journey in JOURNEYS)

DELIVERED = Target("all telemetry delivered", 99.9, better="higher")
LOOP_LAG = Target("event loop below 100 ms late", 0.1, better="lower", warn=0.05)
SERIES = Target("10,000 series", 10_000, better="lower", warn=8_000)
QUEUE = Target("queue below 80 %", 80, better="lower", warn=50)
COLLECTOR_MEMORY = Target("memory limit 1 GiB", 2**30, better="lower", warn=0.8 * 2**30)
SYNC = Target("an upload within 10 s", 10, better="lower", warn=5)
SILENT = Target("silent for less than a day", 86_400, better="lower", warn=21_600)
TESTS_PASSED = Target("all tests pass", 100, better="higher")
COVERAGE = Target("90 % covered", 90, better="higher", warn=95)
BUILDS = Target("95 % of builds succeed", 95, better="higher")
FULFILLED = Target("fulfilled", 1, better="higher")
EVERY = Target("all", 100, better="higher")
