"""Look-up tables and texts in the real runtime: TensorFlow's answers, on every backend that has the ops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjsci import api
from tfjsci.browser.session import BrowserSession
from tfjsci.compare.compare import compare_outputs
from tfjsci.converter import Converted, convert, require_supported, write_variant
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import UnsupportedOps
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.load.keras_file import trace

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

WORDS = ["a", "bc", "def", "ä"]
GIVEN = np.array([["a", "zz"], ["ä", ""], ["def", "[UNK]"], ["bc", "A"]], dtype=object)
NUMBERS = np.int64([[3, 0], [7, 4], [100, 7], [8, 3]])


def of_saved_model(folder: Path) -> Path:
    """Tables in both directions, from constants, a file and the checkpoint."""
    tf = tensorflow()
    lookup = tf.lookup
    (folder / "words.txt").write_text("a\nbc\nzz\n")
    whole, line = lookup.TextFileIndex.WHOLE_LINE, lookup.TextFileIndex.LINE_NUMBER

    def static(keys: Any, values: Any, default: Any) -> Any:
        return lookup.StaticHashTable(lookup.KeyValueTensorInitializer(keys, values), default)

    module = tf.Module()
    module.numbers = static(WORDS, tf.constant([1, 2, 3, 4], tf.int64), -1)
    module.texts = static(tf.constant([1, 2, 4], tf.int64), ["one", "zwei", "ä€"], "?")
    module.squares = static(tf.constant([0, 1, 3], tf.int32), tf.constant([0, 1, 9], tf.int32), -1)
    module.shares = static(tf.constant([1, 2, 3], tf.int64), tf.constant([0.5, 0.25, 0.125]), 0.0)
    module.flags = static(WORDS, [True, False, True, False], False)
    module.synonyms = static(["a", "ä"], ["b", "ae"], "")
    module.lines = lookup.StaticHashTable(
        lookup.TextFileInitializer(str(folder / "words.txt"), tf.string, whole, tf.int64, line), -1
    )
    module.scores = lookup.experimental.MutableHashTable(tf.string, tf.float32, -1.0)
    module.scores.insert(["a", "def"], [1.5, 2.5])

    def run(w: Any, n: Any) -> Any:
        number = module.numbers.lookup(w)
        return {
            "number": number,
            "text": module.texts.lookup(number),
            "square": module.squares.lookup(tf.cast(number, tf.int32)),
            "share": module.shares.lookup(n),
            "flag": module.flags.lookup(w),
            "synonym": module.synonyms.lookup(w[:, 0]),
            "line": module.lines.lookup(w),
            "score": module.scores.lookup(w) * 2.0,
            "size": module.numbers.size(),
            "one": module.numbers.lookup(w[0, 0]),
        }

    specs = [tf.TensorSpec([None, 2], tf.string, name="w"), tf.TensorSpec([None], tf.int64, name="n")]
    module.run = tf.function(run, input_signature=specs, autograph=False)
    tf.saved_model.save(module, str(folder / "saved"), signatures=module.run)
    return folder / "saved"


def of_layers() -> Any:
    """Keras' look-up layers side by side: words and numbers in, indices, counts and words out."""
    k = keras()
    layers = k.layers
    w, n = k.Input((2,), dtype="string", name="w"), k.Input((2,), dtype="int64", name="n")
    index = layers.StringLookup(vocabulary=WORDS, mask_token="")(w)
    outputs = {
        "index": index,
        "no_oov": layers.StringLookup(vocabulary=WORDS, num_oov_indices=1, output_mode="multi_hot")(w),
        "count": layers.StringLookup(vocabulary=WORDS, output_mode="count")(w),
        "back": layers.StringLookup(vocabulary=WORDS, mask_token="", invert=True)(index),
        "id": layers.IntegerLookup(vocabulary=[3, 7, 100], mask_token=0)(n),
        "ids": layers.IntegerLookup(vocabulary=[3, 7, 100], output_mode="multi_hot")(n),
        "from_id": layers.IntegerLookup(vocabulary=[3, 7, 100], invert=True)(n % 4),
        "bins": layers.Discretization(bin_boundaries=[1.0, 5.0, 8.0])(k.ops.cast(n, "float32")),
        "codes": layers.CategoryEncoding(num_tokens=101, output_mode="multi_hot")(n),
    }
    return k.Model({"w": w, "n": n}, outputs)


Written = Callable[[Any, Sequence[Backend]], tuple[Path, Converted]]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    def write(source: Any, backends: Sequence[Backend]) -> tuple[Path, Converted]:
        folder = tmp_path_factory.mktemp("written") / "artifact"
        model = convert(source, backends=backends)
        require_supported(model.check)
        write_variant(model, folder)
        return folder, model

    return write


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory, written: Written) -> tuple[Path, Converted]:
    return written(of_saved_model(tmp_path_factory.mktemp("tables")), BACKENDS)


@pytest.fixture(scope="module")
def lookups(written: Written) -> tuple[Path, Converted]:
    return written(trace(of_layers(), "keras", "layers"), BACKENDS)


def assert_same(
    session: BrowserSession, made: tuple[Path, Converted], backend: Backend, samples: Sequence[dict[str, Any]]
) -> None:
    folder, model = made
    predictions = session.predict(folder, backend, samples, deadline_seconds=90)
    original = [model.loaded.original(sample) for sample in samples]
    for each in compare_outputs(original, [prediction.outputs for prediction in predictions], topk=False):
        assert each.problem is None, (each.output, each.problem)
        assert each.exact or (each.max_abs or 0.0) < 1e-6, each


@pytest.mark.parametrize("backend", BACKENDS)
def test_tables_in_both_directions(
    browser_session: BrowserSession, tables: tuple[Path, Converted], backend: Backend
) -> None:
    # Twice, and another size: a table is filled once, and its entries outlive the first run.
    samples = [{"w": GIVEN, "n": np.int64([3, 1, 9])}, {"w": GIVEN[1:3], "n": np.int64([2])}]
    assert_same(browser_session, tables, backend, samples)


def test_they_come_back_from_a_saved_model_that_was_made_of_them(
    browser_session: BrowserSession, tables: tuple[Path, Converted], written: Written, tmp_path: Path
) -> None:
    folder, model = tables
    api.convert(folder, tmp_path / "saved", output_format="saved_model")
    again, read = written(tmp_path / "saved", ["cpu"])
    assert read.loaded.format == "saved_model"
    samples = [{"w": GIVEN, "n": np.int64([3, 1, 9])}, {"w": GIVEN[1:3], "n": np.int64([2])}]
    assert_same(browser_session, (again, model), "cpu", samples)


def test_tables_of_numbers_are_plain_ops(tables: tuple[Path, Converted]) -> None:
    _, model = tables
    assert model.rewritten.counts["table_of_numbers"] == 2
    assert sum(node.op == "HashTableV2" for node in model.graph.nodes) == 6


@pytest.mark.parametrize("backend", ["webgl", "wasm", "cpu"])  # webgpu lost its device at one of them: docs/tables.md
def test_keras_look_up_layers(
    browser_session: BrowserSession, lookups: tuple[Path, Converted], backend: Backend
) -> None:
    samples = [{"w": GIVEN, "n": NUMBERS}, {"w": GIVEN[:1], "n": NUMBERS[:1]}]
    assert_same(browser_session, lookups, backend, samples)


TEXTS = np.array(["A bc, DEF!", "", "  ä a\tBC\n", "x " * 9, "?!"], dtype=object)


def of_text(**options: Any) -> Any:
    k = keras()
    x = k.Input((1,), dtype="string", name="x")
    return trace(k.Model(x, k.layers.TextVectorization(vocabulary=WORDS, **options)(x)), "keras", "text")


@pytest.mark.parametrize("backend", ["webgl", "cpu"])
def test_text_vectorization(browser_session: BrowserSession, written: Written, backend: Backend) -> None:
    samples = [{"x": TEXTS[:, None]}, {"x": TEXTS[1:2, None]}, {"x": TEXTS[:2, None]}]
    assert_same(browser_session, written(of_text(), [backend]), backend, samples)
    assert_same(browser_session, written(of_text(output_sequence_length=4), [backend]), backend, samples)


@pytest.mark.parametrize(("mode", "backend"), [("count", "webgl"), ("tf_idf", "cpu"), ("multi_hot", "cpu")])
def test_words_are_counted(browser_session: BrowserSession, written: Written, mode: str, backend: Backend) -> None:
    weights = {"idf_weights": [0.5 + 0.25 * i for i, _ in enumerate(WORDS)]} if mode == "tf_idf" else {}
    made = written(of_text(output_mode=mode, **weights), [backend])
    assert_same(browser_session, made, backend, [{"x": TEXTS[:, None]}, {"x": TEXTS[1:2, None]}])


def test_what_a_backend_lacks_costs_the_others_nothing() -> None:
    """webgpu can't read the sizes of ragged rows, and splits no text; the lowering is for those that can."""
    made = of_text(standardize=None)
    assert {op.backends for op in convert(made, backends=BACKENDS).check.unsupported} == {("webgpu",)}


def test_text_that_is_only_split_runs_on_wasm_too(browser_session: BrowserSession, written: Written) -> None:
    for options in ({"output_sequence_length": 3}, {"output_mode": "count"}):
        made = written(of_text(standardize=None, **options), ["wasm"])
        assert_same(browser_session, made, "wasm", [{"x": TEXTS[:, None]}])


def test_where_texts_can_not_be_changed_it_is_said(written: Written) -> None:
    with pytest.raises(UnsupportedOps, match=r"StaticRegexReplace .*wasm.*no kernel"):
        written(of_text(), ["cpu", "wasm"])
