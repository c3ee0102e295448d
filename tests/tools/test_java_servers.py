"""The backends that run on Java: what is locked is what is kept, and what is missing is said."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

WRONG_MAVEN = """\
#!/bin/sh
for each; do case $each in -DoutputDirectory=*) folder=${each#*=} ;; esac; done
mkdir -p "$folder"
printf wrong > "$folder/store.jar"
"""
TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The tool, with a cache and a table of its own."""
    monkeypatch.setenv("SMS_TOOLS_CACHE", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(str(TOOLS))
    monkeypatch.delitem(sys.modules, "servers", raising=False)
    spec = importlib.util.spec_from_file_location("java_servers", TOOLS / "java_servers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # `servers` is also the name of a package of tests.
    sys.modules.pop("servers", None)
    return module


def test_every_program_is_locked_jar_by_jar(tool: ModuleType) -> None:
    """One version in the pom, and a hash for each jar that it brings."""
    assert {"kafka", "opensearch", "zipkin"} <= set(tool.NAMES)
    for name in tool.NAMES:
        lines = (tool.JAVA / name / "jars.sha256").read_text("utf-8").splitlines()
        assert lines
        assert all(len(line.split()[0]) == 64 and line.endswith(".jar") for line in lines)


def test_a_jar_that_is_not_the_locked_one_is_refused(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By name, so that somebody can look at it; nothing of it is kept."""
    folder = tmp_path / "java" / "store"
    folder.mkdir(parents=True)
    (folder / "pom.xml").write_text("<project/>", encoding="utf-8")
    (folder / "jars.sha256").write_text(f"{hashlib.sha256(b'right').hexdigest()}  store.jar\n", encoding="utf-8")
    monkeypatch.setattr(tool, "JAVA", tmp_path / "java")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, script in {
        "java": "#!/bin/sh\n",
        "mvn": WRONG_MAVEN,
    }.items():
        (programs / name).write_text(script, encoding="utf-8")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    with pytest.raises(tool.FetchError, match=r"store\.jar"):
        tool.fetch("store")
    assert not tool.path("store").exists()


def test_without_java_it_says_so_and_goes_on(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make servers` is no failure for it; the tests that need it say that they did not run."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tool.main(["fetch"]) == 1
    assert capsys.readouterr().err.count("not fetched, its tests will be skipped: java and mvn are needed") == len(
        tool.NAMES
    )
    assert tool.main(["path", "kafka"]) == 1
    assert tool.main(["fetch", "nothing"]) == 2
