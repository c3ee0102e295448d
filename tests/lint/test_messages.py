"""Log calls whose message is put together at run time are found; constant ones are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from sms_observability.lint import check_messages

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("line", "how"),
    [
        ('log.info(f"cost {cost}")', "an f-string"),
        ('self._logger.warning("cost %s" % cost)', "%"),
        ('logger.error("cost " + cost)', "+"),
        ('get_logger().exception("cost {}".format(cost))', ".format"),
        ('logging.getLogger("x").info(f"cost {cost!r}")', "an f-string"),
        ('log.log(logging.INFO, f"cost {cost}")', "an f-string"),
        ('log.info(event=f"cost {cost}", part=part)', "an f-string"),
        ('log.bind(part=part).info(f"cost {cost}")', "an f-string"),
        ('request_logger.info("cheap" if cost < 9 else f"cost {cost}")', "an f-string"),
        ('audit = logging.getLogger("x"); audit.info(str(error))', "str()"),
        ('from structlog import get_logger as lines; lines().info("cost " "is" + " " + cost)', "+"),
        ('from logging import info as say; say(f"cost {cost}")', "an f-string"),
        ('text = f"cost {cost}"; log.info(text)', "an f-string"),
        ('log.info(", ".join(costs))', ".join"),
    ],
)
def test_a_moving_message_is_found(tmp_path: Path, line: str, how: str) -> None:
    """With the place and what it is made with."""
    file = tmp_path / "module.py"
    file.write_text(f"import logging\n{line}\n")
    found = check_messages([tmp_path])
    assert [(one.line, one.how) for one in found] == [(2, how)]
    assert f"{file}:2" in str(found[0])


@pytest.mark.parametrize(
    "line",
    [
        *(
            'log.info("a" + "b" + "c")',
            "log.info(text)",
            'log.log(level, "cost %s", cost)',
            'catalog.info(f"x {y}")',
        ),
        *('log.info("a" if x else "b", text=f"{y}")', "log.info()", 'logging.getLogger(f"x.{y}").info("a")'),
        *(
            'log.info("cost", cost=cost)',
            'log.info("cost %s", cost)',
            'log.info(f"cost")',
            'cart.info(f"x {y}")',
            "x = ((",
        ),
    ],
)
def test_a_constant_message_is_left_alone(tmp_path: Path, line: str) -> None:
    """So are methods of other things, and files that are no Python."""
    (tmp_path / "module.py").write_text(line)
    assert check_messages([tmp_path]) == []


def test_our_own_code_and_the_example_keep_the_rule() -> None:
    """The library lives by it."""
    assert check_messages([ROOT / "src", ROOT / "examples"]) == []
