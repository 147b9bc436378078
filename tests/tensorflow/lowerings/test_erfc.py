from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, shapes

EXAMPLES = st.builds(
    lambda shape, seed: one_op("Erfc", floats(*shape, seed=seed, low=-6, high=6), scale=1),
    shapes(0, 4),
    st.integers(0, 99),
)
CORNERS = (
    one_op("Erfc", np.linspace(-6, 6, 1001, dtype=np.float32), scale=1),
    one_op("Erfc", floats(2, 3), unknown={0: [0]}, scale=1),
)


@FEW
@given(EXAMPLES)
def test_it_is_one_minus_erf(example: Example) -> None:
    assert_right_in_tensorflow(example, "erfc")


def test_leaves_erf_alone() -> None:
    assert lowered_by(one_op("Erf", floats(3))) == []


@pytest.mark.browser
def test_an_exact_gelu_is_right_on_every_backend(browser_session: object, tmp_path: Path) -> None:
    from tfjsci.compare.compare import compare_outputs
    from tfjsci.converter import convert, write_variant
    from tfjsci.dtypes import BACKENDS
    from tfjsci.graph.tensorflow import keras

    k = keras()
    k.utils.set_random_seed(0)
    hidden = k.layers.Dense(32, activation="gelu", name="hidden")
    model = k.Sequential([k.Input((16,), name="x"), hidden, k.layers.Dense(4)])
    model.save(tmp_path / "m.keras")
    converted = convert(tmp_path / "m.keras", backends=BACKENDS)
    assert not converted.check.unsupported
    assert [(each.op, each.by, each.layers) for each in converted.check.lowered] == [("Erfc", "erfc", ("hidden",))]
    folder = write_variant(converted, tmp_path / "float").folder
    sample = {"x": np.random.default_rng(0).normal(0, 3, (8, 16)).astype(np.float32)}
    reference = [converted.loaded.original(sample)]
    for backend in BACKENDS:
        (found,) = browser_session.predict(folder, backend, [sample], deadline_seconds=120)  # type: ignore[attr-defined]
        (output,) = compare_outputs(reference, [found.outputs], topk=False)
        assert output.sqnr_db is not None
        assert output.sqnr_db > 100, backend
