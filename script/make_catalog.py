#!/usr/bin/env python3
"""Makes tfjsci/catalog/catalog.json out of an installed npm release, and docs/ops.md out of that.

script/make_catalog.py [NODE_MODULES]    write all; the folder is $TFJSCI_NODE_MODULES or tfjsci/runtime/node_modules else
script/make_catalog.py --docs            write docs/ops.md and the lists in lowerings.md and rules.md; needs neither node nor npm

``npm ci`` in a copy of tfjsci/runtime makes such a folder. The examples of tests/browser/op_cases are written out as models
and handed to make_catalog.mjs, which reads the release's op lists and records the kernels that each example calls. They
also go into the package: there the page asks other releases with them (tfjsci/browser/page/catalog.mjs).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
for _place in (ROOT, ROOT / "script", ROOT / "tests" / "browser"):
    sys.path.insert(0, str(_place))

from make_lowering_docs import LOWERINGS_FILE, lowerings_page  # noqa: E402
from make_ops_docs import DOCS_FILE, ops_page  # noqa: E402
from make_rule_docs import RULES_FILE, rules_page  # noqa: E402
from make_rule_example import example_page  # noqa: E402
from one_node_model import model_json  # noqa: E402
from op_cases import CASES  # noqa: E402

from tfjsci.browser.contract import EXAMPLES  # noqa: E402
from tfjsci.browser.server import PAGE  # noqa: E402
from tfjsci.catalog.catalog import CATALOG_FILE, load_catalog  # noqa: E402

GENERATOR = ROOT / "script" / "make_catalog.mjs"
EXAMPLES_FILE = PAGE / EXAMPLES


def node_modules() -> Path | None:
    """Where a whole npm release is installed, if anywhere."""
    chosen = os.environ.get("TFJSCI_NODE_MODULES")
    folder = Path(chosen) if chosen else ROOT / "tfjsci" / "runtime" / "node_modules"
    return folder if (folder / "@tensorflow" / "tfjs-converter").is_dir() else None


def examples() -> str:
    """The examples as JSON: for each op the case that is named like it."""
    return json.dumps([model_json(case) for case in CASES if case.name == case.op])


def shipped_examples() -> str:
    """The examples as the package has them: one a line, without the initializers, which nobody asks for kernels."""
    lines = [
        json.dumps({key: part for key, part in model.items() if key != "initializer"}, separators=(",", ":"))
        for model in json.loads(examples())
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def digest() -> str:
    """Changes when the generator or an example does."""
    return hashlib.sha256(GENERATOR.read_bytes() + examples().encode()).hexdigest()


def make_catalog(modules: Path) -> str:
    """The text of catalog.json for the release in ``modules``."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "examples.json"
        file.write_text(examples(), encoding="utf-8")
        command = ["node", str(GENERATOR), str(modules), str(file), digest()]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def main(arguments: list[str]) -> None:
    """Write the catalogue and the examples, then the page made from the catalogue."""
    if arguments != ["--docs"]:
        modules = Path(arguments[0]) if arguments else node_modules()
        if modules is None:
            raise SystemExit(
                "the npm release isn't installed: give its node_modules folder, or set TFJSCI_NODE_MODULES"
            )
        CATALOG_FILE.write_text(make_catalog(modules), encoding="utf-8")
        EXAMPLES_FILE.write_text(shipped_examples(), encoding="utf-8")
    DOCS_FILE.write_text(ops_page(load_catalog()), encoding="utf-8")
    LOWERINGS_FILE.write_text(lowerings_page(LOWERINGS_FILE.read_text(encoding="utf-8")), encoding="utf-8")
    RULES_FILE.write_text(example_page(rules_page(RULES_FILE.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
