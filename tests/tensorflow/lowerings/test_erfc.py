from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph, TensorType
from tfjsci.graph.graphdef import infer_types
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.lowerings.erfc import RULE


def drawn(values: np.ndarray) -> Graph:
    draft = Draft()
    return draft.graph(draft.op("Erfc", "y", draft.const("x", values), T=DType("float32")))


def lowered(graph: Graph) -> Graph:
    return apply_rules(replace(graph, types=infer_types(graph)), (RULE,)).graph


def test_it_is_one_minus_erf() -> None:
    assert show(lowered(drawn(np.zeros(3, np.float32)))).splitlines()[-2:] == ["y = Sub(y/one, y/erf)", "-> y"]


def test_keeps_the_numbers_to_a_floats_precision_near_one() -> None:
    graph = drawn(np.linspace(-6, 6, 1001, dtype=np.float32))
    (before,) = evaluate_in_tensorflow(graph, ["y"])
    (after,) = evaluate_in_tensorflow(lowered(graph), ["y"])
    np.testing.assert_allclose(after, before, rtol=0, atol=4e-7)  # a few steps of a float32 near 1


def test_leaves_it_alone_when_its_dtype_is_not_known() -> None:
    graph = drawn(np.zeros(3, np.float32))
    result = apply_rules(replace(graph, types={"y": TensorType(dtype="bfloat16", shape=(3,))}), (RULE,))
    assert [node.op for node in result.graph] == ["Const", "Erfc"]
    assert [refusal.rule for refusal in result.refusals] == ["erfc"]


@pytest.mark.browser
def test_an_exact_gelu_is_right_on_every_backend(browser_session: object, tmp_path: Path) -> None:
    from tfjsci.compare.compare import compare_outputs
    from tfjsci.converter import convert, write_variant
    from tfjsci.dtypes import BACKENDS
    from tfjsci.graph.tensorflow import keras

    k = keras()
    k.utils.set_random_seed(0)
    model = k.Sequential([k.Input((16,), name="x"), k.layers.Dense(32, activation="gelu"), k.layers.Dense(4)])
    model.save(tmp_path / "m.keras")
    converted = convert(tmp_path / "m.keras", backends=BACKENDS)
    assert not converted.check.unsupported
    folder = write_variant(converted, tmp_path / "float").folder
    sample = {"x": np.random.default_rng(0).normal(0, 3, (8, 16)).astype(np.float32)}
    reference = [converted.loaded.original(sample)]
    for backend in BACKENDS:
        (found,) = browser_session.predict(folder, backend, [sample], deadline_seconds=120)  # type: ignore[attr-defined]
        (output,) = compare_outputs(reference, [found.outputs], topk=False)
        assert output.sqnr_db is not None
        assert output.sqnr_db > 100, backend
