"""Compressed time, and the settings of the stack."""

from __future__ import annotations

import pytest
from examples.stack.placeholders import CONFIG, mandatory, require, settings
from examples.stack.program import StackError
from examples.stack.tempo import QUICK, USUAL
from hypothesis import given
from hypothesis import strategies as st

SECONDS = st.integers(1, 3 * 86400)


@given(SECONDS, SECONDS)
def test_what_was_longer_stays_longer(one: int, other: int) -> None:
    """Windows and waits keep their order, so that a burn over an hour is still one over more than five minutes."""
    shorter, longer = sorted((one, other))

    def milliseconds(text: str) -> int:
        return int(text.removesuffix("ms"))

    for compress in (QUICK.wait, lambda text: QUICK.expression(f"rate(x[{text}])")[7:-2]):
        assert milliseconds(compress(f"{shorter}s")) <= milliseconds(compress(f"{longer}s"))
    assert milliseconds(QUICK.wait(f"{longer}s")) <= 1000 * longer


def test_every_window_and_offset_of_an_expression_is_shortened_with_its_guard_and_nothing_else() -> None:
    """Numbers that are no window, and windows of weeks, stay as they are."""
    usual = "sum(rate(x_5m[5m])) > 300 >= 100 and y[1h:1m] offset 30m or z[7d] * 86400"
    quick = QUICK.expression(usual)
    assert quick.startswith("sum(rate(x_5m[13000ms])) > 300 >= 20 and y[18000ms:")
    assert quick.endswith("offset 16000ms or z[7d] * 86400")
    assert USUAL.expression(usual) == usual
    assert USUAL.wait("5m") == "5m"
    with pytest.raises(ValueError, match="no duration"):
        QUICK.wait("soon")


def test_the_environment_beats_the_file_and_an_empty_value_is_none() -> None:
    """What is missing is named with the file that needs it and its meaning."""
    found = settings({"SMS_COLLECTOR_VESSEL": "vsl_1", "PATH": "/bin"})
    assert found["SMS_COLLECTOR_VESSEL"] == "vsl_1"
    assert "PATH" not in found
    assert settings({})["SMS_COLLECTOR_VESSEL"] == "vsl_9074729"
    vessel = [CONFIG / "vessel.yaml"]
    with pytest.raises(StackError, match=r"SMS_COLLECTOR_GATEWAY is not set: collector-config/vessel.yaml needs it"):
        require(vessel, {"SMS_COLLECTOR_VESSEL": "vsl_1"})
    require(vessel, dict.fromkeys(mandatory(vessel), "x"))
