"""action.yml = composite/action.yml = the tables in code = the tables in the docs."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from tfjsci._version import __version__
from tfjsci.github.inputs import INPUTS
from tfjsci.github.outputs import OUTPUTS

ROOT = Path(__file__).resolve().parents[2]
ACTIONS = {"docker": ROOT / "action.yml", "composite": ROOT / "composite/action.yml"}
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")


def load(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(ACTIONS[kind].read_text(encoding="utf-8"))
    return found


def made() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_action", ROOT / "script/make_action.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", ACTIONS)
def test_inputs_are_those_of_the_code(kind: str) -> None:
    assert load(kind)["inputs"] == {
        each.name: {"description": each.description, "required": False, "default": each.default} for each in INPUTS
    }


@pytest.mark.parametrize("kind", ACTIONS)
def test_outputs_are_those_of_the_code(kind: str) -> None:
    found = load(kind)["outputs"]
    assert {name: each["description"] for name, each in found.items()} == OUTPUTS
    values = {name: each.get("value") for name, each in found.items()}
    expected = {name: f"${{{{ steps.tfjsci.outputs.{name} }}}}" if kind == "composite" else None for name in OUTPUTS}
    assert values == expected


def test_inputs_are_kebab_case_with_a_default_and_a_sentence() -> None:
    for each in INPUTS:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", each.name)
        assert each.description.endswith(".")
        assert each.value("") is not None, "the default is valid"


@pytest.mark.parametrize("page", ["docs/github.md", "README.md"])
def test_the_docs_have_a_row_for_each(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for name, rows in (("inputs", [each.name for each in INPUTS]), ("outputs", list(OUTPUTS))):
        table = text.partition(f"<!-- {name} -->")[2].partition(f"<!-- end of {name} -->")[0]
        assert re.findall(r"^\| `([a-z-]+)`", table, re.MULTILINE) == rows


TAG = re.compile(r"tfjsci(?:/composite)?@v(\d+\.\d+\.\d+)|/tfjsci:(\d+\.\d+\.\d+)|tfjsci==(\d+\.\d+\.\d+)")


def test_tags_of_the_action_and_the_image_are_this_version() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    found = [(page.name, *match.groups()) for page in pages for match in TAG.finditer(page.read_text(encoding="utf-8"))]
    assert {name for name, *_ in found} >= {"README.md", "github.md", "image.md"}
    assert {version for _, *versions in found for version in versions if version} == {__version__}


def test_another_versions_tag_would_be_noticed() -> None:
    assert TAG.search("uses: OWNER/tfjsci/composite@v9.9.9")[1] == "9.9.9"  # type: ignore[index]
    assert TAG.search("ghcr.io/OWNER/tfjsci:9.9.9")[2] == "9.9.9"  # type: ignore[index]


def test_what_is_made_is_fresh() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "script/make_action.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_stale_page_would_be_noticed() -> None:
    module = made()
    page = (ROOT / "docs/github.md").read_text(encoding="utf-8")
    assert module.page(page) == page
    assert module.page(page.replace("| `mode` |", "| `mood` |")) == page


def test_the_composite_action_gives_each_input_as_a_variable_and_nothing_else() -> None:
    run = load("composite")["runs"]["steps"][-1]
    assert run["id"] == "tfjsci"
    assert run["env"] == {each.shell_variable: f"${{{{ inputs.{each.name} }}}}" for each in INPUTS}


def test_nothing_is_put_into_a_shell_by_the_runner() -> None:
    for step in load("composite")["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        assert "uses" in step or step["shell"] == "bash"


def test_actions_are_pinned_by_commit_with_their_version_beside_them() -> None:
    for path in (*ACTIONS.values(), ROOT / "docs/github.md"):
        for used in re.findall(r"uses: (\S+)(.*)", path.read_text(encoding="utf-8")):
            if used[0].startswith("OWNER/"):
                continue
            assert PINNED.fullmatch(used[0]), used
            assert re.match(r" # v\d+\.\d+\.\d+", used[1]), used


def workflows() -> list[dict[Any, Any]]:
    text = (ROOT / "docs/github.md").read_text(encoding="utf-8")
    return [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]


def test_the_workflows_in_the_docs_use_inputs_that_there_are() -> None:
    names = {each.name for each in INPUTS}
    used = [
        step
        for workflow in workflows()
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if step["uses"].startswith("OWNER/tfjsci")
    ]
    assert len(used) == 3
    for step in used:
        assert set(step.get("with", {})) <= names
        for each in INPUTS:
            if each.name in step.get("with", {}):
                each.value(step["with"][each.name])


def test_the_workflows_in_the_docs_have_the_least_rights() -> None:
    one, gate, comment = workflows()
    assert one["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert gate["permissions"] == {"contents": "read"}
    assert comment["permissions"] == {}
    assert comment["jobs"]["comment"]["permissions"] == {"actions": "read", "pull-requests": "write"}
    # YAML 1.1, which this reader speaks, takes `on` for true.
    assert set(comment[True]) == {"workflow_run"}
    assert comment[True]["workflow_run"]["workflows"] == [gate["name"]]
    assert not any("checkout" in step["uses"] for step in comment["jobs"]["comment"]["steps"])
    assert "pull_request_target" not in str([one, gate, comment])
