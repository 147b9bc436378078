"""What is told of two artifacts of one variant."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tfjsci.artifact.artifact import Artifact, Download
from tfjsci.baseline.comparison import BaselineComparison, BaseOrigin
from tfjsci.baseline.difference import ArtifactFacts, SqnrChange, VariantDifference, difference
from tfjsci.browser.protocol import BackendEnvironment
from tfjsci.compare.comparison import Comparison, OutputComparison
from tfjsci.dtypes import Backend

BEFORE = Artifact(
    variant="float",
    path=Path("models/a/float"),
    inputs=(),
    outputs=(),
    nodes=5,
    ops={"Const": 4, "Conv2D": 2, "Relu": 2, "MaxPool": 1},
    parameters=100,
    weights=(),
    shards=(),
    download=Download(raw_bytes=1000, gzip_bytes=900, brotli_bytes=800),
    sha256="a",
)
AFTER = replace(
    BEFORE,
    nodes=4,
    ops={"Const": 4, "Conv2D": 3, "Elu": 1},
    parameters=120,
    download=Download(raw_bytes=1100, gzip_bytes=950, brotli_bytes=790),
    sha256="b",
)


def output(sqnr_db: float | None, *, exact: bool = False, problem: str | None = None) -> OutputComparison:
    return OutputComparison(output="y", shape=(1,), dtype="float32", sqnr_db=sqnr_db, exact=exact, problem=problem)


def compared(backend: Backend, *outputs: OutputComparison, variant: str = "float") -> Comparison:
    environment = BackendEnvironment(
        backend=backend, browser="", tfjs="", renderer="", software=False, cores=1, flags={}
    )
    return Comparison(kind="conversion", variant=variant, outputs=outputs, environment=environment)


def facts(artifact: Artifact) -> ArtifactFacts:
    return ArtifactFacts(
        download=artifact.download, nodes=artifact.nodes, parameters=artifact.parameters, sha256=artifact.sha256
    )


def test_ops_are_told_by_how_many_more_and_fewer() -> None:
    assert difference(BEFORE, AFTER) == VariantDifference(
        variant="float",
        base=facts(BEFORE),
        head=facts(AFTER),
        ops_added={"Conv2D": 1, "Elu": 1},
        ops_removed={"MaxPool": 1, "Relu": 2},
    )


def test_the_same_bytes_are_identical_and_other_bytes_of_the_same_size_are_not() -> None:
    assert difference(BEFORE, BEFORE).identical
    assert not difference(BEFORE, replace(BEFORE, sha256="c")).identical


def test_a_new_variant_has_no_base_and_nothing_was_added_to_it() -> None:
    new = difference(None, AFTER, head_comparisons=[compared("wasm", output(90.0))])
    assert (new.base, new.ops_added, new.ops_removed, new.sqnr, new.identical) == (None, {}, {}, (), False)
    gone = difference(BEFORE, None)
    assert (gone.head, gone.ops_removed) == (None, {})


def test_two_variants_have_no_difference() -> None:
    with pytest.raises(ValueError, match="one variant"):
        difference(BEFORE, replace(AFTER, variant="uint8"))
    with pytest.raises(ValueError, match="one variant"):
        difference(None, None)


def test_the_worst_output_of_each_backend_that_both_were_compared_on() -> None:
    found = difference(
        BEFORE,
        AFTER,
        base_comparisons=[
            compared("wasm", output(100.0), output(90.0)),
            compared("webgl", output(70.0)),
            compared("wasm", output(10.0), variant="uint8"),
        ],
        head_comparisons=[compared("wasm", output(85.0), output(120.0)), compared("cpu", output(80.0))],
    )
    assert found.sqnr == (SqnrChange(backend="wasm", base_db=90.0, head_db=85.0),)


def test_exact_is_told_as_none_and_what_has_no_number_is_left_out() -> None:
    head = [compared("wasm", output(None, exact=True)), compared("cpu", output(50.0), output(None, problem="missing"))]
    base = [compared("wasm", output(90.0)), compared("cpu", output(50.0))]
    found = difference(BEFORE, AFTER, base_comparisons=base, head_comparisons=head)
    assert found.sqnr == (SqnrChange(backend="wasm", base_db=90.0, head_db=None),)


def test_a_model_changed_when_any_variant_did() -> None:
    origin = BaseOrigin(kind="ref", name="main")
    same, other = difference(BEFORE, BEFORE), difference(BEFORE, AFTER)
    assert not BaselineComparison(origin=origin, variants=(same,)).changed
    assert BaselineComparison(origin=origin, variants=(same, other)).changed
    assert not BaselineComparison(origin=origin, unclear="no such commit").changed
