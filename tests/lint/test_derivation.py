"""A catalogue from which the markup follows is refused, with the pieces and the remedy."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from sms_observability.catalog import SMS_CATALOG, Catalog, CatalogError, Field, Metric
from sms_observability.catalog.identities import IDENTITIES, PRICE, STRATEGY
from sms_observability.lint import check_derivations, refuse_derivations

NAMES = {
    "price": "order_value",
    "supplier cost": "purchase_amount",
    "markup": "uplift",
    "margin": "gross_profit",
    "markup as a share": "surcharge_percent",
    "order total": "order_total",
    "tax": "vat_amount",
    "freight": "freight_fee",
    "list price": "list_price_eur",
    "discount": "rebate",
    "part number": "sku",
    "price of one part": "unit_price",
    "pricing rule": "target_price",
}


def test_nothing_hidden_follows_from_the_portals_own_catalogue() -> None:
    """All public metrics, labels and fields together."""
    assert check_derivations(SMS_CATALOG) == []


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda identity: identity.equation)
def test_all_terms_but_the_hidden_one_are_refused_and_one_fewer_is_not(identity: Any) -> None:
    """For each equation and each hidden figure in it; it is named, with every piece."""
    for term in identity.terms:
        if not term.hidden or term is STRATEGY:
            continue
        others = [other for other in identity.terms if other is not term]
        visible = [other for other in others if not other.hidden]
        fields = [Field(NAMES[other.name]) for other in others]
        found = [
            finding
            for finding in check_derivations(Catalog(fields=fields))
            if finding.equation == identity.equation and finding.derived == term.name
        ]
        assert len(found) == 1
        assert {f"field {field.name}" for field in fields} <= set(found[0].pieces)
        assert identity.remedy in str(found[0])
        for fewer in itertools.combinations(visible, len(others) - 1):
            catalog = Catalog(fields=[Field(NAMES[other.name]) for other in fewer])
            assert [one for one in check_derivations(catalog) if one.equation == identity.equation] == []


@pytest.mark.parametrize(
    "name",
    [
        *("purchase_amount", "vendor_total", "supplier_item_price", "sms.supplier.fee", "buying_price"),
        *("partner_settlement", "chandler_price", "procured_value", "sourcing_fee", "disbursement", "price"),
        *("uplift", "order_surcharge", "gross_profit", "rebate", "target_price", "pricing_tier", "recommended_price"),
    ],
)
def test_a_hidden_figure_under_another_word_is_refused(name: str) -> None:
    """As a field, a label and a metric; what a word list does not know, the equations do."""
    assert check_derivations(SMS_CATALOG.extend(fields=[Field(name)]))


def test_two_public_metrics_that_complete_an_equation_are_refused() -> None:
    """The portal's order value and what was spent on suppliers: 200 of 200 markups were recovered from such a pair."""
    spent = Metric.histogram(
        "sms.parts.procurement.spend.dollars", unit="dollars", labels=(SMS_CATALOG.fields["vessel_id"],)
    )
    catalog = SMS_CATALOG.extend(metrics=[spent])
    findings = check_derivations(catalog)
    markup = next(finding for finding in findings if finding.derived == "supplier cost")
    assert "metric sms.parts.procurement.spend.dollars" in markup.pieces
    with pytest.raises(CatalogError, match=r"sms\.parts\.procurement\.spend\.dollars.*access='restricted'"):
        refuse_derivations(catalog)


def test_the_same_metric_is_fine_when_it_is_restricted() -> None:
    """The remedy that the finding gives is one."""
    spent = Metric.histogram("parts.procurement.spend", unit="dollars", access="restricted")
    refuse_derivations(SMS_CATALOG.extend(metrics=[spent]))


def test_a_label_that_completes_an_equation_is_called_a_label() -> None:
    """The piece is found where it was declared."""
    counted = Metric.counter("sms.parts.requests.counted", unit="{request}", labels=(Field("uplift"),))
    assert "label uplift" in check_derivations(SMS_CATALOG.extend(metrics=[counted]))[0].pieces


def test_money_that_would_carry_exemplars_is_refused() -> None:
    """An exemplar ties the exact amount of one order to its trace."""
    amounts = Metric.histogram("sms.parts.order.value.seen", unit="{cent}", buckets=(1, 10))
    findings = check_derivations(SMS_CATALOG.extend(metrics=[amounts]))
    assert [finding.pieces for finding in findings] == [("metric sms.parts.order.value.seen",)]
    assert "money=True" in str(findings[0])
    declared = Metric.histogram("sms.parts.order.value.seen", unit="{cent}", buckets=(1, 10), money=True)
    assert check_derivations(SMS_CATALOG.extend(metrics=[declared])) == []


def test_ordinary_words_hold_no_figure() -> None:
    """Parts of words, counters of requests, flags."""
    for name in ("costa_rica", "compare", "enterprise", "reprice", "partner_no", "taxonomy"):
        assert not PRICE.is_held_by(name)
    fields = [Field("enterprise"), Field("taxonomy"), Field("has_list_price", type="bool"), Field("shipping_port")]
    assert check_derivations(SMS_CATALOG.extend(fields=fields)) == []


@pytest.mark.parametrize("label", ["order_id", "quote_id", "part_no", Field("sku")])
def test_money_that_is_counted_for_a_single_order_or_part_is_refused(label: Any) -> None:
    """A sum over a group of one is the amount itself; by vessel and company it is none."""
    by = SMS_CATALOG.fields[label] if isinstance(label, str) else label
    amounts = Metric.histogram("sms.parts.order.value.seen", unit="dollars", labels=(by,))
    findings = check_derivations(SMS_CATALOG.extend(metrics=[amounts]))
    assert [finding.pieces for finding in findings] == [("metric sms.parts.order.value.seen", f"label {by.name}")]
    assert f"leave {by.name} out" in str(findings[0])
    restricted = Metric.histogram("parts.order.value.seen", unit="dollars", labels=(by,), access="restricted")
    assert check_derivations(SMS_CATALOG.extend(metrics=[restricted])) == []
