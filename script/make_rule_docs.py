"""The list in docs/rules.md: each rule with its equation, what must hold, its stage, and whether a benchmark races it.

Written by ``script/make_catalog.py`` (``--docs``) between two marks; tests/repo/test_catalog_fresh.py compares. A rule whose gain
isn't plain has a small model in benchmarks/rule_models.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
for _place in (ROOT, ROOT / "benchmarks", ROOT / "tests"):
    sys.path.insert(0, str(_place))

from tfjsci.rewrite.pipeline import STAGES  # noqa: E402
from tfjsci.rewrite.rule import Rule  # noqa: E402
from tfjsci.rewrite.rules import rules_of  # noqa: E402
from tfjsci.rewrite.stage import Stage  # noqa: E402

RULES_FILE = ROOT / "docs" / "rules.md"
BEGIN, END = "<!-- rules: made by script/make_catalog.py --docs -->", "<!-- end of rules -->"
RACED = "[raced](../benchmarks/README.md)"


def rules_page(text: str) -> str:
    """``text``, the page as it is, with today's list between the marks."""
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert end, f"{RULES_FILE.name} has no {END}"
    return "\n".join([before + BEGIN, *_rows(), END]) + after


def _rows() -> Iterator[str]:
    yield "| rule | equation | where | stage | not always a gain |"
    yield "|---|---|---|---|---|"
    measured = _measured()
    files = [path.stem for path in (ROOT / "tfjsci" / "rewrite" / "rules").glob("[!_]*.py")]
    for file in sorted(files, key=_place_of):
        rules = rules_of(file)
        names = _each_once([file, *(rule.name for rule in rules)])
        equations = _each_once(_plain(rule.equation) for rule in rules)
        conditions = _each_once(_plain(rule.where.removeprefix("where ")) for rule in rules if rule.where)
        stages = _each_once(stage.name for stage in STAGES if set(stage.rules) & set(rules))
        gain = RACED if set(names) & measured else ""
        cells = [
            f'<a id="{file}"></a>' + ", ".join(f"`{name}`" for name in names),
            *map("<br>".join, (equations, conditions)),
        ]
        yield f"| {' | '.join([*cells, ', '.join(stages), gain])} |"


def _place_of(file: str) -> tuple[int, int, str]:
    """Where the first of the file's rules stands in the order of rewriting; those that aren't applied come last."""
    own = set(rules_of(file))
    for i, stage in enumerate(STAGES):
        if own & set(stage.rules):
            return i, _first(stage, own), file
    return len(STAGES), 0, file


def _first(stage: Stage, own: set[Rule]) -> int:
    return next(i for i, rule in enumerate(stage.rules) if rule in own)


def _measured() -> set[str]:
    """The rules that a small model in benchmarks/ is raced with and without."""
    files = sorted((ROOT / "benchmarks" / "rule_models").glob("[!_]*.py"))
    return {rule for file in files for case in import_module(f"rule_models.{file.stem}").CASES for rule in case.rules}


def _each_once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _plain(text: str) -> str:
    """Text for a cell, with the signs of mathematics: no pipe ends it, no bracket is markup."""
    for sign, shown in (("->", "→"), (" * ", " · "), (" - ", " − ")):
        text = text.replace(sign, shown)
    for character in ("\\", "|", "*", "_", "[", "<"):
        text = text.replace(character, f"\\{character}")
    return text
