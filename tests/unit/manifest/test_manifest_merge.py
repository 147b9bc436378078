"""A model over the defaults: mappings by key, everything else replaced, and whose line it is."""

# ruff: noqa: E501  # messages and manifests stand whole, one a line

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tfjsci.manifest.document import parse_document
from tfjsci.manifest.merge import merge


def merged(defaults: str, model: str) -> Any:
    root = parse_document(f"defaults: {defaults}\nmodel: {model}\n", Path("m.yml")).root
    over = root.child("model")
    assert over is not None
    return merge(root.child("defaults"), over).plain()


@pytest.mark.parametrize(
    ("defaults", "model", "result"),
    [
        # mappings merge key by key, at any depth
        ("{random: {seed: 1}}", "{random: {ranges: {int8: [0, 1]}}}", {"random": {"seed": 1, "ranges": {"int8": [0, 1]}}}),
        ("{compare: {conversion: {top1: 1, rmse: 2}}}", "{compare: {conversion: {rmse: 3}}}", {"compare": {"conversion": {"top1": 1, "rmse": 3}}}),
        ("{benchmark: {runs: 50}}", "{benchmark: {warmup: 1}}", {"benchmark": {"runs": 50, "warmup": 1}}),
        # lists and plain values are replaced
        ("{backends: [webgl, cpu]}", "{backends: [wasm]}", {"backends": ["wasm"]}),
        ("{quantize: [uint8]}", "{quantize: []}", {"quantize": []}),
        ("{batch: 4}", "{batch: 2}", {"batch": 2}),
        ("{benchmark: {runs: 50}}", "{benchmark: off}", {"benchmark": "off"}),
        ("{level: {steady_ms: off}}", "{level: warn}", {"level": "warn"}),
        ("{budget: {steady_ms: {wasm: 9}}}", "{budget: {steady_ms: 5}}", {"budget": {"steady_ms": 5}}),
        # a plain limit or level is short for {default: …} when a mapping is laid over it
        ("{level: warn}", "{level: {steady_ms: off}}", {"level": {"default": "warn", "steady_ms": "off"}}),
        ("{budget: {steady_ms: 50}}", "{budget: {steady_ms: {wasm: 30}}}", {"budget": {"steady_ms": {"default": 50, "wasm": 30}}}),
        # a limit with a level is one limit, also under or over a mapping by backend
        (
            "{compare: {conversion: {kl: 1}}}",
            "{compare: {conversion: {kl: {limit: 2, level: warn}}}}",
            {"compare": {"conversion": {"kl": {"default": {"limit": 2, "level": "warn"}}}}},
        ),
        (
            "{compare: {conversion: {kl: {limit: 2, level: warn}}}}",
            "{compare: {conversion: {kl: {wasm: 1}}}}",
            {"compare": {"conversion": {"kl": {"default": {"limit": 2, "level": "warn"}, "wasm": 1}}}},
        ),
        # … and so is that of a metric of one's own, but the metric itself is what it is
        (
            "{compare: {metric: {iou: a:b}, conversion: {metric: {iou: 1}}}}",
            "{compare: {metric: {iou: {function: a:b, better: lower}}, conversion: {metric: {iou: {wasm: 2}}}}}",
            {
                "compare": {
                    "metric": {"iou": {"function": "a:b", "better": "lower"}},
                    "conversion": {"metric": {"iou": {"default": 1, "wasm": 2}}},
                }
            },
        ),
        # … but `off` is not, where no default can be
        ("{benchmark: off}", "{benchmark: {runs: 5}}", {"benchmark": {"runs": 5}}),
        # what only one of them says stays
        ("{batch: 4}", "{tfjs: 1}", {"batch": 4, "tfjs": 1}),
    ],
)  # fmt: skip
def test_merging(defaults: str, model: str, result: dict[str, Any]) -> None:
    assert merged(defaults, model) == result


def test_lines_are_those_where_the_value_was_written() -> None:
    text = (
        "defaults:\n  batch: 4\n  budget:\n    steady_ms: 50\nmodel:\n  tfjs: 1\n  budget:\n    steady_ms: {wasm: 30}\n"
    )
    root = parse_document(text, Path("m.yml")).root
    over = root.child("model")
    assert over is not None
    node = merge(root.child("defaults"), over)
    lines = {".".join(map(str, path)): found.line for path, found in node.walk()}
    assert lines == {
        "batch": 2, "tfjs": 6, "budget": 7,
        "budget.steady_ms": 8, "budget.steady_ms.default": 4, "budget.steady_ms.wasm": 8,
    }  # fmt: skip
