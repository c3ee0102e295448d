"""Every dashboard passes Grafana's published types: its whole, each panel's options, and the settings of its fields."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sms_observability.catalog import SMS_CATALOG
from sms_observability.render.grafana import render_dashboards

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

LOCK = Path(__file__).parents[2] / "tools" / "grafana"
TYPES = {
    "stat": ("stat", "Stat"),
    "gauge": ("gauge", "Gauge"),
    "bargauge": ("bargauge", "BarGauge"),
    "timeseries": ("timeseries", "TimeSeries"),
    "heatmap": ("heatmap", "Heatmap"),
    "table": ("table", "Table"),
    "piechart": ("piechart", "PieChart"),
    "state-timeline": ("statetimeline", "StateTimeline"),
    "logs": ("logs", "Logs"),
    "text": ("text", "Text"),
}
# Enumerations of TypeScript take no literals: each stands for its own texts here.
JSON_OF = """
type Json<T> = T extends string ? `${T}` : T extends number | boolean | null | undefined ? T
  : T extends (infer U)[] ? Json<U>[] : T extends object ? {[K in keyof T]: Json<T[K]>} : T;
"""


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the locked types and the locked compiler."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        reason = "dashboards are not checked against Grafana's types: node and npm are not on PATH"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(f"NOT TESTED: {reason}")
    cache = Path(os.environ.get("SMS_TOOLS_CACHE") or tmp_path_factory.getbasetemp().parent)
    key = hashlib.sha256((LOCK / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = cache / f"grafana-schema-{key}"
    if not (folder / "done").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(LOCK / name, folder / name)
        installed = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert installed.returncode == 0, installed.stderr
        (folder / "done").touch()
    return folder


def compiled(folder: Path, source: str) -> list[str]:
    """Give what the compiler has to say about a file."""
    name = f"check-{os.getpid()}-{hashlib.sha256(source.encode()).hexdigest()[:8]}.ts"
    file = folder / name
    file.write_text(source, encoding="utf-8")
    try:
        done = subprocess.run(
            [
                "node", "node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--skipLibCheck",
                "--moduleResolution", "bundler", "--module", "esnext", "--target", "es2022", name,
            ],
            cwd=folder, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
    finally:
        file.unlink()
    return [line for line in done.stdout.splitlines() if "error" in line]


def checks(number: int, dashboard: dict[str, Any]) -> str:
    """Write the constants that have to be of Grafana's types."""
    for mark in dashboard["annotations"]["list"]:
        # The Prometheus plugin's own, which the common type does not know.
        for name in ("titleFormat", "tagKeys", "target"):
            mark.pop(name, None)
    lines = [f"export const d{number}: Json<Dashboard> = {json.dumps(dashboard)};"]
    panels = [panel for each in dashboard["panels"] for panel in (each, *each.get("panels", ()))]
    for panel in panels:
        if panel["type"] == "row":
            continue
        name = TYPES[panel["type"]][1]
        lines.append(f"export const o{number}_{panel['id']}: Json<Partial<{name}.Options>> = "
                     f"{json.dumps(panel['options'])};")  # fmt: skip
        if custom := panel.get("fieldConfig", {}).get("defaults", {}).get("custom"):
            lines.append(f"export const f{number}_{panel['id']}: Json<Partial<{name}.FieldConfig>> = "
                         f"{json.dumps(custom)};")  # fmt: skip
    return "\n".join(lines)


def source(dashboards: list[dict[str, Any]]) -> str:
    """Write the whole file."""
    imports = [
        f"import type * as {name} from "
        f"'@grafana/schema/dist/esm/raw/composable/{folder}/panelcfg/x/{name}PanelCfg_types.gen';"
        for folder, name in TYPES.values()
    ]
    return "\n".join(
        [
            "import type {Dashboard} from '@grafana/schema';",
            *imports,
            JSON_OF,
            *(checks(number, dashboard) for number, dashboard in enumerate(dashboards)),
        ]
    )


def test_every_dashboard_is_of_grafanas_types(checker: Path) -> None:
    """Unknown keys and wrong types are found anywhere in it, in a panel's options too."""
    dashboards = [json.loads(text) for text in render_dashboards(SMS_CATALOG).values()]
    assert compiled(checker, source(dashboards)) == []


def test_what_is_wrong_is_found(checker: Path) -> None:
    """The check can fail: a wrong type, an unknown key, an unknown option."""
    first = next(iter(render_dashboards(SMS_CATALOG).values()))
    wrong = [json.loads(first) for _ in range(3)]
    wrong[0]["panels"][1]["gridPos"]["h"] = "8"
    wrong[1]["panels"][1]["fieldConfig"]["defaults"]["unti"] = "s"
    wrong[2]["panels"][1]["options"]["textMod"] = "value"
    told = "\n".join(compiled(checker, source(wrong)))
    assert "string' is not assignable to type 'number" in told
    assert "unti" in told
    assert "textMod" in told
