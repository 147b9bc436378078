"""``tfjsci compare A B --localize`` of two originals: TensorFlow runs both, so no browser is needed to find the culprit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfjsci
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.versus.compared import ModelsCompared

pytestmark = pytest.mark.tensorflow

SHAPES = {"first": (8, 16), "second": (16, 16), "third": (16, 4)}


def weights() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(3)
    return {name: draw.normal(size=shape).astype(np.float32) / 3 for name, shape in SHAPES.items()}


def saved(folder: Path, values: dict[str, np.ndarray], *, activation: str = "relu", prefix: str = "") -> Path:
    """x -> three products, with an activation behind the second one; nodes are named with ``prefix``."""
    tf = tensorflow()
    module = tf.Module()
    module.weights = [tf.Variable(value, name=f"{prefix}{name}") for name, value in values.items()]

    def run(x: Any) -> Any:
        first, second, third = module.weights
        hidden = tf.nn.relu(tf.matmul(x, first, name=f"{prefix}a"), name=f"{prefix}b")
        hidden = tf.matmul(hidden, second, name=f"{prefix}c")
        hidden = tf.nn.relu(hidden, name=f"{prefix}d") if activation == "relu" else tf.tanh(hidden, name=f"{prefix}d")
        return tf.sigmoid(tf.matmul(hidden, third, name=f"{prefix}e"), name=f"{prefix}f")

    module.run = tf.function(run, input_signature=[tf.TensorSpec([3, 8], tf.float32, name="x")], autograph=False)
    tf.saved_model.save(module, str(folder), signatures=module.run)
    return folder


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("originals") / "original", weights())


def compared(original: Path, other: Path) -> ModelsCompared:
    """No session: a browser that is asked for would be an error."""
    found = tfjsci.compare_models(original, other, localize=True)
    assert [pair.backend for pair in found.pairs] == [None]
    return found


def test_the_weight_that_another_has_is_named(original: Path, tmp_path: Path) -> None:
    values = weights()
    values["second"] = values["second"] * np.float32(1.1)
    found = compared(original, saved(tmp_path / "other", values))
    assert found.missed
    where = found.pairs[0].localization
    assert where is not None
    assert (where.found, where.weight) == ("weight", "second")
    assert (where.reference, where.candidate) == (found.a, found.b)


def test_a_node_that_is_fused_otherwise_is_named_though_it_cant_be_replayed(original: Path, tmp_path: Path) -> None:
    """The Relu is one node with its product, the Tanh isn't: it reads what the other side doesn't have."""
    found = compared(original, saved(tmp_path / "other", weights(), activation="tanh"))
    assert found.missed
    where = found.pairs[0].localization
    assert where is not None
    assert (where.found, where.weight) == ("unfinished", None)
    assert where.node is not None
    assert "couldn't be replayed" in where.reason


def test_of_the_same_model_all_nodes_agree(original: Path) -> None:
    found = compared(original, original)
    assert not found.missed
    where = found.pairs[0].localization
    assert where is not None
    assert where.found == "nothing"
    assert where.compared > 0


def test_models_whose_nodes_have_other_names_are_compared_and_not_walked(original: Path, tmp_path: Path) -> None:
    found = compared(original, saved(tmp_path / "other", weights(), prefix="renamed_"))
    assert not found.missed
    where = found.pairs[0].localization
    assert where is not None
    assert where.found == "unfinished"
    assert "the same name on both sides" in where.reason
