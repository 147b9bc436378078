"""The example in docs/rules.md: a whole rule, the heart of its test, and what comes of the test's graphs.

Written by ``script/make_catalog.py`` (``--docs``) between two marks; tests/repo/test_catalog_fresh.py compares.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULE_FILE = ROOT / "tfjsci" / "rewrite" / "rules" / "pad_into_conv.py"
TEST_FILE = ROOT / "tests" / "tensorflow" / "rules" / "test_pad_into_conv.py"
for _place in (ROOT, ROOT / "tests", TEST_FILE.parent):
    sys.path.insert(0, str(_place))

from tfjsci.graph.show import show  # noqa: E402
from tfjsci.rewrite.engine import apply_rules  # noqa: E402
from tfjsci.rewrite.rules import rules_of  # noqa: E402

BEGIN, END = "<!-- example: made by script/make_catalog.py --docs -->", "<!-- end of example -->"

SHOWN = (
    "padded",
    "EXAMPLES",
    "test_the_padding_becomes_an_attribute",
    "TestLeavesAlone.test_a_convolution_that_pads_as_well",
)
"""Of the test: the graph before, the examples for the browser, what is expected, and a near miss."""


def example_page(text: str) -> str:
    """``text``, the page as it is, with the rule, the test and the graphs of today between the marks."""
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert end, f"the page has no {END}"
    return "\n".join([before + BEGIN, *_lines(), END]) + after


def _lines() -> Iterator[str]:
    yield f"`{RULE_FILE.relative_to(ROOT)}`, all of it:"
    yield from ("", "```python", RULE_FILE.read_text(encoding="utf-8").rstrip("\n"), "```", "")
    yield f"Of `{TEST_FILE.relative_to(ROOT)}`:"
    yield from ("", "```python", "\n\n\n".join(_pieces()), "```", "")
    test = import_module(TEST_FILE.stem)
    graph = next(iter(test.EXAMPLES.values()))
    done = apply_rules(graph, rules_of(RULE_FILE.stem))
    yield "The first of its examples, before and after, and what `--explain` says of the near miss:"
    declined = apply_rules(test.padded(padding="SAME"), rules_of(RULE_FILE.stem)).refusals[0]
    yield from ("", "```text", show(graph), "", show(done.graph), "")
    yield from (f"{declined.rule}: {declined.reason}, at {declined.node}", "```")


def _pieces() -> Iterator[str]:
    """The source of each of :data:`SHOWN`; of a method without its class."""
    source = TEST_FILE.read_text(encoding="utf-8")
    for path in SHOWN:
        body = ast.parse(source).body
        for name in path.split("."):
            node = next(each for each in body if name in _names(each))
            body = node.body if isinstance(node, ast.ClassDef) else []
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        lines = source.splitlines()[first - 1 : node.end_lineno]
        yield "\n".join(line.removeprefix(" " * node.col_offset) for line in lines)


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return [node.name] if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else []
