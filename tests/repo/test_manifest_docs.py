"""What is made from the manifest's types is fresh, and what the page shows is true."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

from tfjsci.manifest import compare_types, input_types, quantize_types, spec
from tfjsci.manifest.parse import load_manifest
from tfjsci.manifest.schema import schema_text
from tfjsci.manifest.shipped import shipped_schema_text

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "manifest.md"


def test_nothing_is_stale() -> None:
    check = subprocess.run(
        [sys.executable, ROOT / "script" / "make_docs", "--check"], capture_output=True, text=True, check=False
    )
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")


def test_the_shipped_schema_is_that_of_the_types() -> None:
    assert shipped_schema_text() == schema_text()


def test_the_pages_examples_load(tmp_path: Path) -> None:
    whole, *parts = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    path = tmp_path / "tfjsci.yml"
    path.write_text(whole, "utf-8")
    assert [model.name for model in load_manifest(path).models] == ["digits", "detector"]
    assert len(parts) >= 2
    for part in parts:  # settings of a model
        model = "version: 1\nmodels:\n- name: m\n  source: m.keras\n  quantize: [uint8]\n"
        path.write_text(model + textwrap.indent(part, "  "), "utf-8")
        load_manifest(path)


def test_the_page_has_every_key() -> None:
    page = PAGE.read_text("utf-8")
    models = [
        spec.ManifestFile, spec.Model, spec.Benchmark, spec.Budget, spec.Baseline,
        input_types.Input, input_types.Images, input_types.Draw, input_types.Labels, input_types.Random,
        quantize_types.Quantize, quantize_types.Mixed, quantize_types.Auto,
        compare_types.Compare, compare_types.Thresholds, compare_types.Metric, compare_types.Tolerance,
    ]  # fmt: skip
    missing = [key for model in models for key in model.model_fields if f"\n| `{key}` |" not in page]
    assert missing == []
