"""One remark a model and rule, at the manifest's line, no more than GitHub shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from unit.report import fixtures

from tfjsci.baseline.comparison import BaselineComparison, BaseOrigin
from tfjsci.github.commands import Annotation, AnnotationLevel
from tfjsci.report.annotations import annotate_run, line_of_key, manifest_place, within_caps


def remarks(count: int, level: AnnotationLevel = "error") -> list[Annotation]:
    return [Annotation(level=level, message=f"{level} {n}", title="t", file="f") for n in range(count)]


@pytest.mark.parametrize("count", [0, 1, 9, 10])
def test_up_to_ten_of_a_level_are_all_there(count: int) -> None:
    assert within_caps(remarks(count)) == remarks(count)


def test_an_eleventh_makes_the_tenth_a_count() -> None:
    kept = within_caps([*remarks(11), *remarks(3, "warning")])
    assert [each.message for each in kept if each.level == "error"] == [
        *(f"error {n}" for n in range(9)),
        "and 2 more, in the report",
    ]
    assert [each.message for each in kept if each.level == "warning"] == ["warning 0", "warning 1", "warning 2"]


def test_one_for_each_model_and_rule_with_the_gravest_of_its_misses() -> None:
    found = annotate_run(fixtures.run_result(fixtures.gated()), {}, file="tfjsci.yml")
    assert [each.title for each in found] == [
        "mobilenet: sqnr_db",
        "mobilenet: cosine",
        "mobilenet: top1",
        "mobilenet: steady_ms",
        "mobilenet: first_inference_ms",
    ]
    assert {each.line for each in found} == {14}
    steady = found[3]
    # Two miss it on wasm, two more only warn on a software renderer.
    assert steady.level == "error"
    assert "on wasm took 61.2 ms" in steady.message
    assert "(and 3 more of it)" in steady.message
    assert "`" not in steady.message


def test_each_unsupported_op_is_named_with_all_that_is_known_of_it() -> None:
    first, second = annotate_run(fixtures.run_result(fixtures.unsupported()), {"detector": {"source": 33}}, file="f")
    assert (first.line, first.title) == (33, "detector: CombinedNonMaxSuppression can't run")
    assert first.message.splitlines() == [
        "CombinedNonMaxSuppression × 1 can't run on webgl, wasm: TensorFlow.js has no such op",
        "Nodes: StatefulPartitionedCall/nms/CombinedNonMaxSuppression",
        "Layers: nms",
        "Tried: there is no lowering for it",
        "Export the model without its last step, and call tf.image.nonMaxSuppressionAsync on its boxes.",
    ]
    assert "gelu/Erfc and 19 more" in second.message
    assert "Tried: no lowering fits (erfc: the dtype of" in second.message


def test_failures_of_the_run_have_no_line() -> None:
    (found,) = annotate_run(fixtures.no_browser(), {}, file="tfjsci.yml")
    assert (found.title, found.line, found.level) == ("browser-missing", None, "error")
    assert found.message.endswith("set TFJSCI_BROWSER to a Chrome or Chromium.")


def test_what_passes_says_nothing() -> None:
    assert annotate_run(fixtures.all_pass(), {}, file="tfjsci.yml") == []


LINES = {"budget": 5, "budget.steady_ms": 6, "compare.quantized.uint8.sqnr_db": 9}


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("budget.steady_ms", 6),
        ("budget.steady_ms.wasm", 6),
        ("budget.download_bytes", 5),
        ("compare.quantized.uint8.sqnr_db (default)", 9),
        ("compare.conversion.cosine (default)", 2),
        ("budgets", 2),
    ],
)
def test_the_nearest_key_that_is_there(key: str, line: int) -> None:
    assert line_of_key(key, LINES, 2) == line


@pytest.mark.parametrize(
    ("manifest", "prefix", "place"),
    [
        ("tfjsci.yml", "", "tfjsci.yml"),
        ("sub/tfjsci.yml", "", "sub/tfjsci.yml"),
        ("sub/../tfjsci.yml", "", "tfjsci.yml"),
        ("tfjsci.yml", "repo/", "repo/tfjsci.yml"),
        ("tfjsci.yml", "+repo/", "repo/tfjsci.yml"),
        ("repo/tfjsci.yml", "-repo/", "tfjsci.yml"),
        ("tfjsci.yml", "-repo/", "tfjsci.yml"),
        ("../tfjsci.yml", "", None),
    ],
)
def test_the_manifest_as_the_repository_has_it(tmp_path: Path, manifest: str, prefix: str, place: str | None) -> None:
    assert manifest_place(tmp_path / manifest, tmp_path, prefix) == place


def test_a_base_that_could_not_be_had_is_a_warning_and_not_one_for_each_model() -> None:
    """The near misses: one model alone that it doesn't know, and a base that was there."""
    origin = BaseOrigin(kind="ref", name="origin/main")
    gone = BaselineComparison(origin=origin, unclear="no such commit")

    def annotated(*bases: BaselineComparison) -> list[Annotation]:
        models = (replace(fixtures.digits(f"m{i}"), baseline=base) for i, base in enumerate(bases))
        return annotate_run(fixtures.run_result(*models), {}, file="tfjsci.yml")

    told = "nothing was held against the base origin/main: no such commit"
    assert annotated(gone, gone) == [Annotation(level="warning", message=told, title="baseline", file="tfjsci.yml")]
    assert annotated(gone, replace(gone, unclear=None)) == []
    assert annotated(replace(gone, unclear=None)) == []
