"""The process drains, ends and forks."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from sms_observability import lifecycle


@pytest.fixture(autouse=True)
def _not_draining() -> Any:
    yield
    lifecycle.stop_draining()


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stderr == ""
    return done.stdout


def test_draining_is_said_once_and_can_be_taken_back() -> None:
    """A fresh start in the same process is ready again."""
    assert not lifecycle.draining()
    lifecycle.start_draining()
    lifecycle.start_draining()
    assert lifecycle.draining()
    lifecycle.stop_draining()
    assert not lifecycle.draining()


def test_callbacks_at_exit_run_in_order_and_cannot_hurt_each_other() -> None:
    """One that raises, even SystemExit, is swallowed and prints nothing."""
    script = """
        import sys
        from sms_observability import lifecycle
        lifecycle.on_exit(lambda: print("first"))
        lifecycle.on_exit(lambda: 1 / 0)
        lifecycle.on_exit(lambda: sys.exit(7))
        undo = lifecycle.on_exit(lambda: print("never"))
        lifecycle.on_exit(lambda: print("last"))
        undo(); undo()
    """
    assert run(script).split() == ["first", "last"]


def test_a_multiprocessing_child_runs_its_own_exit_callbacks() -> None:
    """Such a child ends past `atexit`; its callbacks run all the same, the parent's once more in the parent."""
    script = """
        import multiprocessing, os
        from sms_observability import lifecycle
        lifecycle.on_exit(lambda: print("exit", flush=True))
        child = multiprocessing.get_context("fork").Process(target=print, args=("work",), kwargs={"flush": True})
        child.start(); child.join()
    """
    assert run(script).split() == ["work", "exit", "exit"]


def test_a_spawned_child_runs_what_it_hangs_there_itself(tmp_path: Path) -> None:
    """A child that imports us anew ends past `atexit` as well."""
    (tmp_path / "spawned.py").write_text(
        "from sms_observability import lifecycle\n"
        "def work():\n"
        "    lifecycle.on_exit(lambda: print('exit', flush=True))\n"
        "    print('work', flush=True)\n"
    )
    script = f"""
        import multiprocessing, sys
        sys.path.insert(0, {str(tmp_path)!r})
        import spawned
        if __name__ == "__main__":
            child = multiprocessing.get_context("spawn").Process(target=spawned.work)
            child.start(); child.join()
    """
    assert run(script).split() == ["work", "exit"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_is_told_and_does_not_drain() -> None:
    """The callbacks run before anything else in the child, and a draining parent makes no draining child."""
    script = """
        import os
        from sms_observability import lifecycle
        seen = []
        lifecycle.on_fork(lambda: seen.append(os.getpid()))
        lifecycle.on_fork(lambda: 1 / 0)
        undo = lifecycle.on_fork(lambda: seen.append("never"))
        undo()
        lifecycle.start_draining()
        child = os.fork()
        if child == 0:
            os._exit(0 if seen == [os.getpid()] and not lifecycle.draining() else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen, lifecycle.draining())
    """
    assert run(script).strip() == "0 [] True"
