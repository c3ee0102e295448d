"""`python -m sms_observability.cli`, where the program itself is not on PATH."""

import sys

from sms_observability.cli import main

sys.exit(main())
