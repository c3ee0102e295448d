"""The equations by which a hidden figure follows from others, and the names under which their terms go."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One figure of an equation.

    Attributes:
        name: What people call it.
        hidden: Whether nobody but finance may know it.
        pattern: What names of metrics, labels and fields that hold it look like; a regular expression, without case.
    """

    name: str
    pattern: str
    hidden: bool = False

    def is_held_by(self, name: str) -> bool:
        """Say whether something of this name holds this figure.

        Example:
            >>> PRICE.is_held_by("sms.parts.order.value.dollars")
            True
        """
        return re.search(f"(?i){self.pattern}", name) is not None


@dataclass(frozen=True, slots=True)
class Identity:
    """An equation; whoever knows all its terms but one knows that one.

    Attributes:
        equation: As people write it.
        terms: The figures in it.
        remedy: What to do with a public set that completes it.
    """

    equation: str
    terms: tuple[Term, ...]
    remedy: str


_PARTNER = (
    "(supplier|vendor|wholesaler?|manufacturer|chandler|factory|partner|procurement|procured|sourc(ed|ing)"
    "|purchas(e|ing)|buy(ing)?|landed|acquisition)"
)
_AMOUNT = "(price|amount|value|total|sum|fee|bill|paid|payment|settlement|charge|dollars|usd|eur|rate|spend)"

PRICE = Term(
    "price",
    rf"(?<![a-z])(price|order[._-]?value|revenue|turnover|sales[._-]?{_AMOUNT}|quote[._-]?{_AMOUNT}|invoice[._-]?{_AMOUNT}"
    r"|customer[._-]?(total|charge|paid)|charged[._-]?amount|mrr|ltv)(?![a-z])",
)
COST = Term(
    "supplier cost",
    rf"(?<![a-z])(cost|cogs|expenses?|pay[._-]?outs?|disbursements?|remittances?|spend|{_PARTNER}[._-]([a-z]+[._-])?{_AMOUNT})(?![a-z])",
    hidden=True,
)
MARKUP = Term("markup", r"mark[._-]?up|(?<![a-z])(surcharge|uplift)(?![a-z])", hidden=True)
MARGIN = Term("margin", r"margin|(?<![a-z])(gross[._-]?)?profit(?![a-z])", hidden=True)
RATE = Term(
    "markup as a share",
    r"(mark[._-]?up|margin|surcharge|uplift|profit)[._-]?(rate|percent|pct|share|ratio)",
    hidden=True,
)
TOTAL = Term("order total", r"(?<![a-z])(order|invoice|grand)[._-]?(total|sum)(?![a-z])")
TAX = Term("tax", r"(?<![a-z])(tax|vat|duty|customs)([._-]?(amount|dollars|total))?(?![a-z])")
FREIGHT = Term("freight", r"(?<![a-z])(freight|shipping|delivery)[._-]?(cost|fee|amount|dollars|price|charge)(?![a-z])")
LIST_PRICE = Term("list price", r"(?<![a-z])(list|catalogue?|retail|reference)[._-]?price(?![a-z])")
DISCOUNT = Term("discount", r"discount|rebate|(?<![a-z])price[._-]?reduction", hidden=True)
PART = Term("part number", r"(?<![a-z])(part[._-]?(no|number|id)|sku|article[._-]?(no|number|id))(?![a-z])")
UNIT_PRICE = Term(
    "price of one part",
    r"^price$|(?<![a-z])(unit|part|item|piece|customer|quoted|selling|sell|final)[._-]?price(?![a-z])",
)
ONE_ORDER = Term("one order", r"(?<![a-z])(order|quote|payment|invoice)[._-]?(no|number|id)(?![a-z])")
STRATEGY = Term(
    "pricing rule",
    r"(?<![a-z])((price|pricing)[._-]?(band|tier|target|rule|strategy|model|recommendations?|segment|bucket)"
    r"|(target|recommended|suggested|optimal)[._-]?(price|rate)|elasticity)(?![a-z])",
    hidden=True,
)

_RESTRICT = "declare one of them with access='restricted'"

IDENTITIES: tuple[Identity, ...] = (
    Identity("price = supplier cost + markup", (PRICE, COST, MARKUP), _RESTRICT),
    Identity("markup as a share = price / supplier cost - 1", (PRICE, COST, RATE), _RESTRICT),
    Identity("gross margin = revenue - cost of goods sold", (PRICE, COST, MARGIN), _RESTRICT),
    Identity("order total = supplier cost + markup + tax + freight", (TOTAL, COST, MARKUP, TAX, FREIGHT), _RESTRICT),
    Identity("discount = list price - price", (LIST_PRICE, PRICE, DISCOUNT), _RESTRICT),
    Identity(
        "markup = price of one part - what suppliers ask for that part number",
        (PART, UNIT_PRICE, MARKUP),
        "suppliers publish their prices: leave the price out where the part number is, or declare it restricted",
    ),
    Identity("the pricing rule is the figure itself", (STRATEGY,), "declare it with access='restricted'"),
)
"""Sums over a category or a period follow the same equations, and so do the means that sum and count give."""
