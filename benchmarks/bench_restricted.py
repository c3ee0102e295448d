"""What a restricted value costs the code that calculates with it: `Restricted[Decimal]` against `Decimal`.

Each operation in a request of its own, which remembers what is made; the base is the same operation on plain decimals.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from statistics import median
from time import perf_counter

from sms_observability import Restricted
from sms_observability.privacy import guard_scope

OPERATIONS = 2000
COST, RATE = Decimal("1412.37"), Decimal("1.1873")


def multiply(left, right):
    for _ in range(OPERATIONS):
        left * right


def add(left, right):
    for _ in range(OPERATIONS):
        left + right


def divide(left, right):
    for _ in range(OPERATIONS):
        left / right


def order(left, right):
    for _ in range(OPERATIONS):
        left < right  # noqa: B015


def rounded(left, right):  # noqa: ARG001
    for _ in range(OPERATIONS):
        round(left, 2)


def timed(case, left, right):
    start = perf_counter()
    case(left, right)
    return perf_counter() - start


def main(rounds=25):
    print(f"{'case':<22}{'plain ns':>10}{'ours ns':>10}{'ratio':>8}")
    ratios = {}
    for case in (multiply, add, divide, order, rounded):
        rows = []
        for _ in range(rounds):
            with guard_scope():
                rows.append((timed(case, COST, RATE), timed(case, Restricted(COST), Restricted(RATE))))
        plain, ours = (median(row[side] for row in rows) / OPERATIONS * 1e9 for side in (0, 1))
        ratios[case.__name__] = median(row[1] / row[0] for row in rows)
        print(f"{case.__name__:<22}{plain:>10.0f}{ours:>10.0f}{ratios[case.__name__]:>8.2f}")
    ratios["slowest"] = max(ratios.values())
    return ratios


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
