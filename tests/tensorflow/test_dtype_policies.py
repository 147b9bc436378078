"""Keras models that compute in another float than float32: they convert, and give the original's numbers to its precision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fused_reference import outputs_of

import tfjsci
from tfjsci.converter import Converted, convert
from tfjsci.dtypes import BACKENDS
from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.tensorflow import keras

PRECISION = {"float16": 2e-3, "bfloat16": 2e-2, "float64": 1e-6, "mixed_float16": 2e-3, "mixed_bfloat16": 2e-2}
"""What a few layers of rounding leave: some steps of the policy's float (of float32 for float64)."""


def model(policy: str) -> Any:
    """Convolution, norm, attention and a recurrent layer, in a policy."""
    k = keras()
    k.utils.set_random_seed(0)
    before = k.config.dtype_policy()
    k.config.set_dtype_policy(policy)
    try:
        x = k.Input((8, 8, 3), name="x")
        y = k.layers.Conv2D(4, 3, activation="relu")(x)
        y = k.layers.BatchNormalization()(y)
        y = k.layers.Reshape((12, 12))(y)
        y = k.layers.LayerNormalization()(y)
        y = k.layers.MultiHeadAttention(2, 4)(y, y)
        y = k.layers.GRU(5, recurrent_initializer="glorot_uniform", unroll=True)(y)
        return k.Model(x, k.layers.Dense(3, activation="softmax")(y))
    finally:
        k.config.set_dtype_policy(before)


def converted(policy: str, folder: Path) -> Converted:
    model(policy).save(folder / "m.keras")
    return convert(folder / "m.keras", backends=BACKENDS)


def dtypes_in(graph: Graph) -> set[str]:
    named = {v.name for node in graph for v in node.attrs.values() if isinstance(v, DType)}
    return named | {constant.value.dtype.name for constant in graph.constants.values()}


@pytest.mark.parametrize("policy", PRECISION)
def test_a_policy_converts(policy: str, tmp_path: Path) -> None:
    found = converted(policy, tmp_path)
    assert found.check.unsupported == ()
    assert not dtypes_in(found.graph) & {"float16", "bfloat16", "float64"}
    sample = np.random.default_rng(0).normal(0, 1, (4, 8, 8, 3)).astype(np.float32)
    (wanted,) = found.loaded.original({"x": sample}).values()
    (got,) = outputs_of(found.graph, x=sample)
    assert np.abs(got - np.asarray(wanted, np.float32)).max() < PRECISION[policy]


def in_bfloat16(file: Path) -> Path:
    """A few layers, saved."""
    k = keras()
    k.utils.set_random_seed(0)
    of, policy = k.layers, "bfloat16"
    layers = [
        k.Input((8, 8, 3), name="x"),
        of.Conv2D(4, 3, activation="relu", dtype=policy),
        of.GlobalAveragePooling2D(dtype=policy),
        of.Dense(5, activation="softmax", dtype=policy),
    ]
    k.Sequential(layers).save(file)
    return file


@pytest.mark.browser
@pytest.mark.parametrize("output_format", ["graph", "layers"])
def test_a_model_in_bfloat16_is_verified_and_compared_by_what_bfloat16_can_tell(
    tmp_path: Path, output_format: Any
) -> None:
    """Its own rounding is 10 dB beyond what a model in float32 is held to."""
    source = in_bfloat16(tmp_path / "m.keras")
    made = tfjsci.convert(source, tmp_path / "web", output_format=output_format, verify=["wasm"])
    (run,) = made.runs
    assert run.limit_db == 30
    assert run.sqnr_db is not None
    assert 30 < run.sqnr_db < 60
    compared = tfjsci.compare_models(source, made, backends=["wasm"])
    assert [(held.limit, held.missed) for pair in compared.pairs for held in pair.held] == [(30, False)]


@pytest.mark.browser
def test_a_run_says_what_a_model_computes_in_and_holds_it_to_that(tmp_path: Path) -> None:
    in_bfloat16(tmp_path / "m.keras")
    (tmp_path / "tfjsci.yml").write_text(
        "version: 1\nmodels:\n  - {name: m, source: m.keras, backends: [wasm], benchmark: false, quantize: [uint8]}\n"
    )
    (model,) = tfjsci.run(tmp_path / "tfjsci.yml", output=tmp_path / "out").models
    assert [(each.variant, each.narrow) for each in model.comparisons] == [("float", "bfloat16"), ("uint8", None)]
    (judged,) = [each for each in model.judgements if each.gate == "sqnr_db" and each.variant == "float"]
    assert (judged.outcome, judged.limit) == ("pass", 30)


@pytest.mark.browser
@pytest.mark.parametrize(
    "policy",
    [pytest.param(p, marks=() if p in ("mixed_float16", "float64") else pytest.mark.slow) for p in PRECISION],
)
def test_a_policy_runs_right_on_every_backend(policy: str, browser_session: Any, tmp_path: Path) -> None:
    from tfjsci.compare.compare import compare_outputs
    from tfjsci.converter import write_variant

    found = converted(policy, tmp_path)
    folder = write_variant(found, tmp_path / "float").folder
    sample = {"x": np.random.default_rng(0).normal(0, 1, (4, 8, 8, 3)).astype(np.float32)}
    reference = [found.loaded.original(sample)]
    for backend in BACKENDS:
        (ran,) = browser_session.predict(folder, backend, [sample], deadline_seconds=120)
        (output,) = compare_outputs(reference, [ran.outputs], topk=False)
        assert output.max_abs is not None
        assert output.max_abs < PRECISION[policy], backend
