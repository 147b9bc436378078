"""What ``init`` writes is a manifest that loads, comments included when they are taken off, and a workflow that parses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tfjsci._version import __version__
from tfjsci.manifest.document import parse_document
from tfjsci.manifest.parse import load_manifest
from tfjsci.manifest.starter import EXAMPLE, starter_manifest, starter_workflow

AWKWARD = ["1e5", "null", "true", "a: b", "#x", "- x", "x y.h5", 'q"u.h5', "größe.h5", "'", "*a", "0x1f", "1_0"]


@pytest.mark.parametrize("source", AWKWARD)
def test_any_path_comes_back_as_it_was(tmp_path: Path, source: str) -> None:
    path = tmp_path / "tfjsci.yml"
    path.write_text(starter_manifest([("m", source), ("123", "x")], schema="s.json"), "utf-8")
    first, second = load_manifest(path).models
    assert (first.source_text, second.name) == (source, "123")


def test_its_comments_are_settings_that_load(tmp_path: Path) -> None:
    text = starter_manifest(EXAMPLE, schema="s.json")
    assert text.startswith("# yaml-language-server: $schema=s.json\n")
    settings = ("inputs", "quantize", "compare", "  conversion", "  quantized", "budget")
    for setting in settings:
        assert f"    # {setting}:" in text
        text = text.replace(f"    # {setting}:", f"    {setting}:")
    path = tmp_path / "tfjsci.yml"
    path.write_text(text, "utf-8")
    (model,) = load_manifest(path).models
    assert [variant.name for variant in model.quantize] == ["float16", "uint8"]
    assert model.budget.steady_ms.for_("wasm") == 50


@pytest.mark.parametrize("manifest", ["tfjsci.yml", "my models/it's.yml", "-x.yml"])
def test_the_workflow_parses_and_names_the_manifest_for_the_shell(manifest: str) -> None:
    text = starter_workflow(manifest)
    # PyYAML reads the key `on` as true; ours, as GitHub does, as text
    steps = parse_document(text, Path("w.yml")).root.plain()["jobs"]["models"]["steps"]
    assert yaml.safe_load(text)["jobs"]["models"]["steps"] == steps
    (run,) = [step["run"] for step in steps if step.get("run", "").startswith("tfjsci run")]
    expected = {
        "tfjsci.yml": "tfjsci run tfjsci.yml --output tfjsci-output\n",
        "my models/it's.yml": "tfjsci run 'my models/it'\"'\"'s.yml' --output tfjsci-output\n",
        "-x.yml": "tfjsci run ./-x.yml --output tfjsci-output\n",
    }
    assert run == expected[manifest]


def test_the_workflow_may_read_and_nothing_else_and_pins_what_it_uses() -> None:
    text = starter_workflow("tfjsci.yml")
    workflow = parse_document(text, Path("w.yml")).root.plain()
    assert workflow["permissions"] == {"contents": "read"}
    assert set(workflow["on"]) == {"pull_request", "push"}
    used = [step["uses"] for step in workflow["jobs"]["models"]["steps"] if "uses" in step]
    assert [name.partition("@")[0] for name in used] == [
        "actions/checkout", "actions/setup-python", "actions/upload-artifact",
    ]  # fmt: skip
    # A commit, since a tag can be moved; its version beside it, for the reader and for Dependabot.
    pinned = re.findall(r"uses: (\S+@[0-9a-f]{40})  # v\d+\.\d+\.\d+$", text, flags=re.MULTILINE)
    assert pinned == used
    (install,) = [step["run"] for step in workflow["jobs"]["models"]["steps"] if "pip install" in step.get("run", "")]
    assert install == f"python -m pip install tfjsci=={__version__}"
