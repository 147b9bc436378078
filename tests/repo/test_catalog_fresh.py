"""The catalogue and its page are what the pinned npm release and the table of restrictions make of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "script"))
sys.path.insert(0, str(ROOT / "tests" / "browser"))

import make_catalog  # noqa: E402
from make_ops_docs import DOCS_FILE, ops_page  # noqa: E402
from make_rule_docs import BEGIN, END, RULES_FILE, rules_page  # noqa: E402
from make_rule_example import example_page  # noqa: E402
from op_cases import CASES  # noqa: E402

from tfjsci.catalog.catalog import CATALOG_FILE, load_catalog  # noqa: E402

EXPECTATIONS = json.loads((ROOT / "tests" / "browser" / "op_expectations.json").read_text(encoding="utf-8"))


def locked_packages() -> dict[str, Any]:
    """The packages that our lock file pins, by npm's name."""
    lock = json.loads((ROOT / "tfjsci" / "runtime" / "package-lock.json").read_text(encoding="utf-8"))
    return {path.removeprefix("node_modules/"): entry for path, entry in lock["packages"].items()}


def assert_catalog_is_of_the_pinned_release() -> None:
    """Tells a stale catalogue without node: the same archives, the same generator, the same examples."""
    locked = locked_packages()
    for name, made_of in load_catalog().packages.items():
        assert made_of == {key: locked[name][key] for key in ("version", "integrity")}, name
    assert load_catalog().made_of == make_catalog.digest(), "run script/make_catalog.py"


def test_runtime_asks_for_the_release_of_the_catalog() -> None:
    wanted = json.loads((ROOT / "tfjsci" / "runtime" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert wanted["@tensorflow/tfjs"] == load_catalog().version
    assert set(wanted.values()) == {load_catalog().version}


def test_catalog_is_what_the_generator_makes() -> None:
    assert_catalog_is_of_the_pinned_release()
    modules = make_catalog.node_modules()
    if modules is not None:
        assert make_catalog.make_catalog(modules) == CATALOG_FILE.read_text(encoding="utf-8")


def test_shipped_examples_are_made_of_todays_cases() -> None:
    assert make_catalog.EXAMPLES_FILE.read_text(encoding="utf-8") == make_catalog.shipped_examples(), (
        "run script/make_catalog.py"
    )


def test_ops_page_is_made_of_todays_catalog_and_restrictions() -> None:
    assert DOCS_FILE.read_text(encoding="utf-8") == ops_page(load_catalog()), "run script/make_catalog.py --docs"


def test_list_of_rules_is_made_of_todays_rules() -> None:
    text = RULES_FILE.read_text(encoding="utf-8")
    assert text == rules_page(text), "run script/make_catalog.py --docs"


def test_example_of_a_rule_is_the_rule_and_its_test_as_they_are() -> None:
    text = RULES_FILE.read_text(encoding="utf-8")
    assert text == example_page(text), "run script/make_catalog.py --docs"


def test_list_of_rules_says_where_a_rule_stands_and_what_else_must_hold() -> None:
    rows = {row.split("`")[1]: row for row in rules_page(f"{BEGIN}{END}").splitlines() if "`" in row}
    assert (
        "| BiasAdd(linear, b) + c → BiasAdd(linear, b + c) | c is one number a channel | folding |"
        in rows["merge_biases"]
    )
    names = list(rows)
    assert names.index("merge_transposes") < names.index("merge_biases") < names.index("fuse_activation")


def test_expectations_are_recorded_from_todays_cases() -> None:
    recorded = {name: entry["digest"] for name, entry in EXPECTATIONS["cases"].items()}
    assert recorded == {case.name: case.digest() for case in CASES}, "run tests/browser/record_op_expectations.py"
