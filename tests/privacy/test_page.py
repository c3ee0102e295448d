"""Each line of `docs/privacy.md` has a test that would fail if it were not so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from sms_observability.catalog import SMS_CATALOG
from sms_observability.catalog.identities import IDENTITIES
from sms_observability.privacy import CataloguePolicy

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "privacy.md").read_text(encoding="utf-8")

# How a line begins -> the tests of it, by file.
PROOFS: dict[str, tuple[str, ...]] = {
    "1. **By type.**": (
        "privacy/test_rendering.py::test_no_path_shows_the_value",
        "privacy/test_restricted.py::test_reveal_and_declassify_are_counted_and_told_without_the_value",
        "privacy/test_channels.py::test_the_type_alone_lets_nothing_out",
    ),
    "2. **By key.**": (
        "privacy/test_catalogue.py::test_an_unknown_key_is_dropped_or_kept_and_told_of_once",
        "privacy/test_catalogue.py::test_what_tells_or_is_personal_is_dropped_in_development_too",
        "privacy/test_catalogue.py::test_any_other_span_name_becomes_the_same_placeholder",
        "privacy/test_channels.py::test_the_catalogue_alone_lets_nothing_out_under_undeclared_names",
    ),
    "3. **By value.**": (
        "privacy/test_channels.py::test_the_guard_alone_lets_nothing_out_that_it_has_heard_of",
        "privacy/test_figures.py::test_a_figure_is_known_in_the_forms_in_which_people_write_it",
        "privacy/test_guard.py::test_requests_do_not_know_of_each_other",
    ),
    "4. **By derivation.**": (
        "lint/test_derivation.py::test_all_terms_but_the_hidden_one_are_refused_and_one_fewer_is_not",
        "privacy/test_derivation.py::test_no_order_is_recovered_from_what_is_public",
    ),
    "The Collector holds": (
        "collector/test_redaction.py::test_a_canary_does_not_come_out_whatever_carries_it",
        "collector/test_redaction.py::test_without_the_net_the_canary_does_come_out",
        "collector/test_net_equality.py::test_the_same_comes_out_of_both_nets",
        "collector/test_scrub.py::test_the_go_tests_of_our_own_part_pass",
    ),
    "The public door is": (
        "setup/test_start.py::test_a_restricted_measurement_is_dropped_and_counted",
        "journeys/test_hidden.py::test_without_a_restricted_door_they_are_dropped_and_counted",
        "logs/test_line.py::test_denied_fields_leave_by_neither_way",
    ),
    "| seen by": ("collector/test_restricted.py::test_without_the_right_token_nothing_is_taken",),
    "| * public metrics": (
        "privacy/test_catalogue.py::test_metrics_leave_by_their_own_door_with_the_catalogues_description",
        "metrics/test_cells.py::test_money_and_restricted_figures_have_no_exemplars",
    ),
    "| * restricted metrics": (
        "setup/test_start.py::test_a_restricted_measurement_leaves_by_the_restricted_door",
        "collector/test_restricted.py::test_finance_sees_the_catalogues_names_and_the_public_side_nothing",
    ),
    "| journeys and steps": (
        "privacy/test_catalogue.py::test_names_of_the_catalogue_and_of_the_conventions_forms_stay",
        "journeys/test_hidden.py::test_a_public_step_leaves_once",
    ),
    "| step `": ("journeys/test_hidden.py::test_the_true_name_and_the_figure_leave_by_the_restricted_door_only",),
    "| other span, event": ("privacy/test_catalogue.py::test_events_scopes_and_status_texts_have_their_form",),
    "| exceptions": (
        "providers/test_logger.py::test_an_exception_is_described_without_its_message",
        "privacy/test_messages.py::test_the_message_of_an_allowed_class_leaves",
        "privacy/test_messages.py::test_the_message_of_another_class_stays",
        "privacy/test_sinks.py::test_console_exporters_lines_health_bodies_and_the_crash_show_no_figure",
    ),
    "| status texts": ("privacy/test_catalogue.py::test_events_scopes_and_status_texts_have_their_form",),
    "| log messages": ("privacy/test_catalogue.py::test_a_log_message_stays_unless_it_speaks_of_something_restricted",),
    "| SQL, URLs": (
        "instrumentation/test_sqlalchemy.py::test_a_statement_is_a_client_span_without_its_values",
        "instrumentation/test_requests_served.py::test_what_no_route_answers_is_a_span_without_the_path",
        "logs/test_sources.py::test_clients_log_no_urls",
    ),
    "| baggage, correlation id": (
        "instrumentation/test_clients.py::test_an_external_host_is_told_nothing",
        "instrumentation/test_clients.py::test_an_internal_host_is_told_trace_id_and_budget",
    ),
    "| reveals and": (
        "journeys/test_hidden.py::test_the_true_name_and_the_figure_leave_by_the_restricted_door_only",
        "collector/test_restricted.py::test_internal_steps_and_reveals_reach_finances_store_and_the_public_side_nothing",
    ),
    "- A key that tells of a person": (
        "privacy/test_catalogue.py::test_what_tells_or_is_personal_is_dropped_in_development_too",
    ),
    "- A declared one that holds an id": (
        "privacy/test_pseudonyms.py::test_lines_records_and_spans_have_the_same_pseudonym",
        "privacy/test_pseudonyms.py::test_without_a_key_ids_stay_as_they_are",
    ),
    "- Any other declared one": ("privacy/test_pseudonyms.py::test_declared_personal_fields_are_masked",),
    "- **Changing the key**": (
        "privacy/test_pseudonyms.py::test_another_key_gives_other_pseudonyms_and_tells_so",
        "privacy/test_pseudonyms.py::test_a_pseudonym_is_one_persons_for_ever",
    ),
    "Meant to be stopped": (
        "privacy/test_channels.py::test_without_any_layer_the_search_finds_the_figures",
        "privacy/test_derivation.py::test_with_what_finance_has_every_order_is_recovered",
    ),
    "- The guard compares numbers": ("privacy/test_restricted.py::test_arithmetic_keeps_a_value_restricted",),
    "- A span is compared when": (
        "export/test_late.py::test_a_request_masks_what_waits_when_it_ends",
        "metrics/test_cells.py::test_a_restricted_amount_never_enters_a_public_metric",
    ),
    "- Small round numbers": (
        "privacy/test_figures.py::test_small_round_numbers_have_no_form",
        "privacy/test_figures.py::test_what_tells",
    ),
    "- A number that has nothing": ("privacy/test_false_redactions.py::test_hardly_anything_is_masked_by_coincidence",),
    "- Ids are compared only": ("privacy/test_guard.py::test_what_ids_and_measurements_hold_is_compared_with_care",),
    "- A request remembers up to": ("privacy/test_guard.py::test_a_guard_that_is_full_masks_every_telling_number",),
    "- Outside of requests": ("privacy/test_guard.py::test_the_memory_of_the_process_forgets_the_oldest",),
    "- The restricted door lets out": (
        "privacy/test_catalogue.py::test_every_field_of_the_catalogue_leaves_by_its_own_door_only",
    ),
    "- Where another OpenTelemetry SDK": (
        "setup/test_others.py::test_an_internal_step_in_a_span_of_somebody_else_s_reaches_the_restricted_door",
        "journeys/test_hidden.py::test_a_span_that_does_not_show_what_it_recorded_has_no_copy",
    ),
}


def lines() -> list[str]:
    """Give what the page says: paragraphs, points and rows, but not headings and what other tests read here."""
    text = PAGE.partition("# Privacy\n")[2]
    classes = text.index("## Data classes"), text.index("## What leaves")
    text = text[: classes[0]] + text[classes[1] : text.index("## Equations")]
    found = []
    for block in re.split(r"\n(?=\n|\||- |\d\. )", text):
        said = block.strip()
        if said and not said.startswith(("#", "| ---", "| what |")):
            found.append(re.sub(r"^\| \d+ ", "| * ", said))
    return found


@pytest.mark.parametrize("line", lines(), ids=lambda line: line[:40])
def test_each_line_has_its_proof(line: str) -> None:
    """A new line fails here until somebody names a test of it; the tests that are named exist."""
    if line.startswith("The portal's hidden markup"):
        return  # what the four lines below it say
    proofs = next((tests for begin, tests in PROOFS.items() if line.startswith(begin)), ())
    assert proofs, "name the tests of this line"
    for proof in proofs:
        file, name = proof.split("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert name in {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }


def test_no_proof_is_of_a_line_that_is_gone() -> None:
    """The table here follows the page."""
    said = lines()
    assert [begin for begin in PROOFS if not any(line.startswith(begin) for line in said)] == []


def test_the_classes_of_the_page_are_those_that_the_doors_keep() -> None:
    """Every field that it lists leaves by the doors that it says, and no field is missing."""
    public = CataloguePolicy(SMS_CATALOG, unknown_fields="drop")
    restricted = CataloguePolicy(SMS_CATALOG, unknown_fields="drop", channel="restricted")
    rows = dict(re.findall(r"^\| (public|internal|restricted) \| [^|]+ \| (.+) \|$", PAGE, re.MULTILINE))
    listed = {access: re.findall(r"`([^`]+)`", fields) for access, fields in rows.items()}
    assert sorted(name for names in listed.values() for name in names) == sorted(SMS_CATALOG.fields)
    for access, names in listed.items():
        for name in names:
            assert public.key(name) is (access == "public")
            assert restricted.key(name)


def test_the_equations_of_the_page_are_those_that_the_lint_knows() -> None:
    """Each with what it hides."""
    rows = re.findall(r"^\| (.+?) \| (.+?) \| .+? \|$", PAGE.partition("## Equations")[2], re.MULTILINE)
    wanted = [(each.equation, ", ".join(term.name for term in each.terms if term.hidden)) for each in IDENTITIES]
    assert [row for row in rows if row[0] not in ("equation", "---")] == wanted
