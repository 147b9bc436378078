"""The original's answers, call by call; and why it can't give any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjsci.errors import CorruptModel, ReferenceFailed
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.load.load import load
from tfjsci.load.loaded import LoadedGraph
from tfjsci.reference import run_reference


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module", params=["keras", "saved_model"])
def embedding(request: pytest.FixtureRequest, folder: Path) -> LoadedGraph:
    k = keras()
    words = k.Input((3,), dtype="int32", name="words")
    model = k.Model(words, k.layers.Embedding(5, 2, name="table")(words))
    model.set_weights([np.arange(10, dtype=np.float32).reshape(5, 2)])
    if request.param == "keras":
        model.save(folder / "m.keras")
        return load(folder / "m.keras")
    model.export(folder / "m")
    return load(folder / "m")


@pytest.mark.oldest
def test_one_answer_per_call_whatever_its_rows(embedding: LoadedGraph) -> None:
    samples = [{"words": np.array([[0, 1, 4]])}, {"words": np.array([[2, 2, 2], [3, 0, 0]])}]
    (name,) = (spec.name for spec in embedding.outputs)
    first, second = run_reference(embedding, samples)
    np.testing.assert_array_equal(first[name], [[[0, 1], [2, 3], [8, 9]]])
    assert second[name].shape == (2, 3, 2)


@pytest.mark.parametrize("values", [[[7, 0, 0]], [["a", "b", "c"]]])
def test_inputs_that_the_original_cannot_take(embedding: LoadedGraph, values: Any) -> None:
    told = r"the original model fails in TensorFlow on these inputs \(words \[1, 3\]\): .+"
    with pytest.raises(ReferenceFailed, match=told) as refused:
        run_reference(embedding, [{"words": np.array(values)}])
    assert "\n" not in refused.value.message
    assert "random:" in str(refused.value.hint)


def test_the_reason_is_told_not_where_it_was_noticed(embedding: LoadedGraph) -> None:
    with pytest.raises(ReferenceFailed, match=r"indices\[0,0\] = 7 is not in \[0, 5\)"):
        run_reference(embedding, [{"words": np.array([[7, 0, 0]])}])


def test_an_original_that_went_away_after_it_was_read(tmp_path: Path) -> None:
    import shutil

    tf = tensorflow()
    module = tf.Module()
    module.v = tf.Variable([2.0], name="v")
    module.run = tf.function(lambda x: {"y": x * module.v}, input_signature=[tf.TensorSpec((1,), name="x")])
    tf.saved_model.save(module, str(tmp_path / "m"), signatures=module.run)
    loaded = load(tmp_path / "m")
    shutil.rmtree(tmp_path / "m" / "variables")
    with pytest.raises(CorruptModel, match="m"):
        run_reference(loaded, [{"x": np.ones(1, np.float32)}])
