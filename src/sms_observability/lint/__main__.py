"""`python -m sms_observability.lint [path …]`: the portal's own catalogue, and the log calls in the paths."""

from __future__ import annotations

import sys

from sms_observability.catalog import SMS_CATALOG
from sms_observability.lint import check_derivations, check_messages


def main(paths: list[str]) -> int:
    """Write what was found to standard output; the answer is the exit code."""
    findings = [*map(str, check_derivations(SMS_CATALOG)), *map(str, check_messages(paths))]
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
