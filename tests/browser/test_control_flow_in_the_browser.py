"""Loops and branches in the real runtime, which frees tensors by rules of its own: TensorFlow's numbers, run after run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from control_flow_models import ALL, KNOWN_LENGTH, model_of, sample_of

from tfjsci.browser.session import BrowserSession
from tfjsci.converter import Converted, convert, require_supported, write_variant
from tfjsci.dtypes import BACKENDS, Backend

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

CLOSE = {"cpu": 2e-5, "wasm": 2e-5, "webgl": 2e-4, "webgpu": 2e-4}
"""Relative to the largest number: the GPU's tanh and exp are coarser, and a loop adds up what is off."""

QUICK = frozenset({"both_ways", "with_state", "masked", "nested", "in_a_branch", "joined"})
"""One of each kind; the others take as long again and run with the slow ones."""

Artifact = Callable[[str], tuple[Path, Converted]]


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    made: dict[str, tuple[Path, Converted]] = {}

    def of(name: str) -> tuple[Path, Converted]:
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            model = convert(model_of(name, folder), backends=BACKENDS, unroll_loops=1)
            require_supported(model.check)
            write_variant(model, folder / "artifact")
            made[name] = folder / "artifact", model
        return made[name]

    return of


def assert_right(prediction: Any, original: dict[str, Any], backend: Backend) -> None:
    assert sorted(prediction.outputs) == sorted(original)
    for name, wanted in original.items():
        ours = prediction.outputs[name]
        assert ours.shape == wanted.shape, name
        spread = max(float(np.abs(wanted).max()), 1.0)
        np.testing.assert_allclose(ours, wanted, atol=CLOSE[backend] * spread, rtol=0, err_msg=name)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in ALL]
)
def test_the_runtime_gives_tensorflows_numbers(
    browser_session: BrowserSession, artifact: Artifact, name: str, backend: Backend
) -> None:
    folder, model = artifact(name)
    # Twice the same and once other sizes: a tensor that the first run freed is missed by the second.
    samples = [sample_of(model.inputs), sample_of(model.inputs), sample_of(model.inputs, seed=6, larger=True)]
    predictions = browser_session.predict(folder, backend, samples, deadline_seconds=90)
    for sample, prediction in zip(samples, predictions, strict=True):
        assert_right(prediction, model.loaded.original(sample), backend)


@pytest.mark.parametrize("backend", ["webgl", "webgpu", "cpu"])
@pytest.mark.parametrize(
    ("name", "unroll"), [("both_ways", None), ("both_ways", 1), pytest.param("masked", 1, marks=pytest.mark.slow)]
)
def test_models_for_gpus_alone(
    browser_session: BrowserSession, tmp_path: Path, name: str, unroll: int | None, backend: Backend
) -> None:
    """Where there is no GPU after all they run on cpu."""
    model = convert(model_of(name, tmp_path), backends=["webgl", "webgpu"], unroll_loops=unroll)
    require_supported(model.check)
    assert model.rewritten.counts["sum_as_bias"]
    write_variant(model, tmp_path / "artifact")
    samples = [sample_of(model.inputs), sample_of(model.inputs)]
    predictions = browser_session.predict(tmp_path / "artifact", backend, samples, deadline_seconds=60)
    for sample, prediction in zip(samples, predictions, strict=True):
        assert_right(prediction, model.loaded.original(sample), backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", KNOWN_LENGTH)
def test_loops_of_known_length_are_unrolled_and_need_no_lists(
    browser_session: BrowserSession, tmp_path: Path, name: str, backend: Backend
) -> None:
    model = convert(model_of(name, tmp_path), backends=[backend])
    assert not model.graph.functions
    assert not [node.op for node in model.graph.nodes if node.op.startswith("TensorList")]
    write_variant(model, tmp_path / "artifact")
    samples = [sample_of(model.inputs), sample_of(model.inputs)]
    predictions = browser_session.predict(tmp_path / "artifact", backend, samples, deadline_seconds=60)
    for sample, prediction in zip(samples, predictions, strict=True):
        assert_right(prediction, model.loaded.original(sample), backend)
