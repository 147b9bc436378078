"""The coverage sweep's records and the tables made of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.coverage import places
from benchmarks.coverage.cases import GROUPS, all_cases, chosen, group_of
from benchmarks.coverage.judged import Verdict, together
from benchmarks.coverage.records import append, read, told
from benchmarks.coverage.table import BEGIN, END, tables


def record(case: str, **outcomes: Any) -> dict[str, Any]:
    plain = {"of": "", "when": "2026-11-25", "random": False, "failed": "", "browser": "Chromium 1"}
    return {"case": case, **plain, "graph": None, "layers": None, "upstream": None, **outcomes}


RIGHT = {
    "status": "right",
    "said": "",
    "backends": {b: {"status": "right", "sqnr_db": 90.4} for b in ("webgl", "wasm")},
}
EXACT = {
    "status": "right",
    "said": "",
    "backends": {b: {"status": "right"} for b in ("webgl", "webgpu", "wasm", "cpu")},
}
REFUSED = {"status": "refused", "said": "no | such_layer", "backends": {}}
THROWS = {
    "status": "throws",
    "said": "",
    "backends": {"webgl": {"status": "right"}, "wasm": {"status": "throws", "said": "run: <boom>"}},
}


def test_a_row_says_what_happened_where() -> None:
    made = {
        "layers/A": record("layers/A", graph=RIGHT, layers=REFUSED, upstream=THROWS),
        "ops/b": record("ops/b", graph=EXACT),
    }
    text = tables(["layers/A", "layers/C", "ops/b"], made)
    assert (
        "| `A` | right on webgl, wasm (90 dB) | refused: no \\| such\\_layer | "
        "right on webgl (exact); **throws** on wasm: run: &lt;boom> |"
    ) in text
    assert "| `b` | right (exact) | – | – |" in text
    assert "2 of 3 cases have run (2026-11-25)" in text
    assert "What of ours isn't right" not in text


def test_what_of_ours_is_not_right_is_named_at_the_top() -> None:
    text = tables(["ops/b"], {"ops/b": record("ops/b", graph=THROWS)})
    assert "- `ops/b`: graph model: right on webgl (exact); **throws** on wasm: run: &lt;boom>" in text


def test_the_last_whole_record_of_a_case_counts(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    append(file, record("a", when="1"))
    append(file, record("b", when="1"))
    append(file, record("a", when="2"))
    with file.open("a") as out:
        out.write('{"case": "b", "when": "cut sho')
    assert {name: each["when"] for name, each in read(file).items()} == {"a": "2", "b": "1"}


def test_the_worst_backend_is_the_outcomes() -> None:
    outcome = together({"wasm": Verdict(status="right", sqnr_db=99.0), "cpu": Verdict(status="wrong", said="off")})
    assert told(outcome) == {
        "status": "wrong",
        "said": "",
        "backends": {"wasm": {"status": "right", "sqnr_db": 99.0}, "cpu": {"status": "wrong", "said": "off"}},
    }


def test_shards_share_all_cases_and_none_twice() -> None:
    names = [case.name for case in all_cases()]
    shards = [case.name for i in (1, 2, 3) for case in chosen(None, (i, 3))]
    assert sorted(shards) == sorted(names) == sorted(set(names))
    assert {group_of(name) for name in names} == set(GROUPS)
    assert [case.name for case in chosen("layers/GRU/*,ops/cond", (1, 1)) if "GRU" not in case.name] == ["ops/cond"]


def test_the_docs_have_the_marks() -> None:
    text = places.DOCS.read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)
