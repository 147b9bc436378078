#!/usr/bin/env python3
"""Writes action.yml, composite/action.yml, and the tables of inputs and outputs in docs/github.md and README.md.

script/make_action.py            write them
script/make_action.py --check    write nothing; exit 1 and name the files that are stale
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tfjsci.github.inputs import INPUTS  # noqa: E402
from tfjsci.github.outputs import OUTPUTS  # noqa: E402

SETUP_PYTHON = "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0"

HEAD = """\
# The inputs and outputs are made by script/make_action.py from tfjsci/github/inputs.py and outputs.py: change them there.
name: {name}
description: {description}
author: The tfjsci authors
branding:
  icon: activity
  color: orange

inputs:
{inputs}
outputs:
{outputs}
"""

DOCKER = """\
runs:
  using: docker
  image: Dockerfile # a release has the built image's digest here
"""

COMPOSITE = """\
# Inputs reach the shell as variables only: what stands in one is never read as a command. And Python runs isolated (-I):
# a module of the workspace, which may be a stranger's, is never taken for one of Python's or ours.
runs:
  using: composite
  steps:
    - name: Python
      id: python
      uses: {setup_python}
      with:
        python-version: "3.12"
        update-environment: false # the job's own Python stays what it is
    - name: Install tfjsci
      shell: bash
      env:
        PYTHON: ${{{{ steps.python.outputs.python-path }}}}
      run: |
        "$PYTHON" -I -m venv "$RUNNER_TEMP/tfjsci-venv"
        if [ -d "$RUNNER_TEMP/tfjsci-venv/Scripts" ]; then bin=Scripts; else bin=bin; fi
        "$RUNNER_TEMP/tfjsci-venv/$bin/python" -I -m pip install --quiet --disable-pip-version-check "$GITHUB_ACTION_PATH/.."
    - name: tfjsci
      id: tfjsci
      shell: bash
      env:
{environment}
      run: |
        if [ -d "$RUNNER_TEMP/tfjsci-venv/Scripts" ]; then bin=Scripts; else bin=bin; fi
        "$RUNNER_TEMP/tfjsci-venv/$bin/python" -I -c 'from tfjsci.action import main; raise SystemExit(main())'
"""

DESCRIPTION = "Convert models to TensorFlow.js, run them in a real browser, and gate the result."


def docker_action() -> str:
    """action.yml."""
    outputs = "".join(f"  {name}:\n    description: {_quoted(text)}\n" for name, text in OUTPUTS.items())
    head = HEAD.format(name="tfjsci", description=_quoted(DESCRIPTION), inputs=_inputs(), outputs=outputs)
    return head + DOCKER


def composite_action() -> str:
    """composite/action.yml."""
    outputs = "".join(
        f"  {name}:\n    description: {_quoted(text)}\n    value: ${{{{ steps.tfjsci.outputs.{name} }}}}\n"
        for name, text in OUTPUTS.items()
    )
    environment = "\n".join(f"        {each.shell_variable}: ${{{{ inputs.{each.name} }}}}" for each in INPUTS)
    about = f"{DESCRIPTION} On the runner itself, for macOS, Windows and real GPUs."
    head = HEAD.format(
        name="tfjsci on the runner", description=_quoted(about), inputs=_inputs(), outputs=outputs
    )  # fmt: skip
    return head + COMPOSITE.format(setup_python=SETUP_PYTHON, environment=environment)


def inputs_table() -> str:
    """For the pages."""
    rows = ["| input | value | default | meaning |", "| --- | --- | --- | --- |"]
    for each in INPUTS:
        default = f"`{each.default}`" if each.default else ""
        rows.append(f"| `{each.name}` | {each.kind.expects} | {default} | {each.description} |")
    return "\n".join(rows)


def outputs_table() -> str:
    """For the pages."""
    rows = [f"| `{name}` | {text} |" for name, text in OUTPUTS.items()]
    return "\n".join(["| output | meaning |", "| --- | --- |", *rows])


def page(text: str) -> str:
    """A page with its tables as they should be."""
    for name, table in (("inputs", inputs_table()), ("outputs", outputs_table())):
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
        assert len(pattern.findall(text)) == 1, f"each page needs one pair of {start} and {end}"
        text = pattern.sub(lambda _, s=start, t=table, e=end: f"{s}\n{t}\n{e}", text)  # type: ignore[misc]
    return text


def _inputs() -> str:
    return "".join(
        f"  {each.name}:\n    description: {_quoted(each.description)}\n    required: false\n"
        f"    default: {_quoted(each.default)}\n"
        for each in INPUTS
    )


def _quoted(text: str) -> str:
    # JSON's quoting is YAML's, too.
    return json.dumps(text, ensure_ascii=False)


def main() -> int:
    """Write or check; the exit code."""
    pages = (ROOT / "docs" / "github.md", ROOT / "README.md")
    made = {
        ROOT / "action.yml": docker_action(),
        ROOT / "composite" / "action.yml": composite_action(),
        **{path: page(path.read_text("utf-8")) for path in pages},
    }
    stale = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
    if sys.argv[1:] == ["--check"]:
        for path in stale:
            print(f"stale: {path.relative_to(ROOT)}; run script/make_action.py")
        return 1 if stale else 0
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[path], "utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
