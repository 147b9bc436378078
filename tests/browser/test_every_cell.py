"""What no other test has of the formats: each way in and out that is left, in the browser, with one kind of model.

Several inputs of unlike ranks and dtypes, several outputs, no square, random or trained statistics.
``tests/repo/test_format_cells.py`` lists which test holds which pair of formats.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from session_models import session_graph, signature_of_tensors, variable

import tfjsci
from tfjsci.browser.session import BrowserSession
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.graph.tensorflow import keras, tensorflow

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

CLOSE = {"cpu": 2e-5, "wasm": 2e-5, "webgl": 5e-4, "webgpu": 5e-4}
"""Of the largest value: sums in another order; on a GPU also its own exp, tanh and the like."""

GOLDEN = Path(__file__).parents[1] / "end_to_end" / "golden"


@dataclass(frozen=True, kw_only=True)
class Net:
    """A Keras model in memory, what goes in by name, and what comes out, by the name of its layer."""

    model: Any
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]


@pytest.fixture(scope="module")
def net() -> Net:
    """Convolutions with their norm, words, a recurrent layer, two heads."""
    k = keras()
    image, words = k.Input((7, 9, 3), name="image"), k.Input((5,), dtype="int32", name="words")
    x = k.layers.Conv2D(4, (2, 3), strides=(1, 2), padding="same", use_bias=False, name="conv")(image)
    x = k.layers.LeakyReLU(negative_slope=0.2, name="leaky")(k.layers.BatchNormalization(name="norm")(x))
    pooled = k.layers.GlobalMaxPooling2D(name="pool")(k.layers.DepthwiseConv2D((3, 2), name="depthwise")(x))
    read = k.layers.GRU(3, reset_after=False, name="read")(k.layers.Embedding(11, 6, name="embed")(words))
    both = k.layers.Concatenate(name="both")([pooled, read])
    outputs = {
        "zeta": k.layers.Dense(3, activation="softmax", name="zeta")(both),
        "alpha": k.layers.Dense(2, activation="elu", name="alpha")(both),
        "maps": x,
    }
    model = k.Model([image, words], outputs)
    draw = np.random.default_rng(17)
    for weight in model.variables:
        value = draw.normal(0.1, 0.5, weight.shape)
        weight.assign(0.3 + np.abs(value) if "variance" in weight.path else value)
    inputs = {
        "image": draw.normal(size=(2, 7, 9, 3)).astype("float32"),
        "words": draw.integers(0, 11, (2, 5)).astype("int32"),
    }
    predicted = model(list(inputs.values()), training=False)
    return Net(model=model, inputs=inputs, outputs={name: np.asarray(value) for name, value in predicted.items()})


Load = Callable[..., Any]


def assert_predicts(
    session: BrowserSession,
    folder: Any,
    backend: Backend,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    *,
    load: Load = tfjsci.load_graph_model,
) -> None:
    """Each wanted output is one of the model's; what they are called may have changed on the way, their shapes haven't."""
    model = load(folder, backend, session=session)
    given = {
        next(spec.name for spec in model.inputs if name in spec.name): value for name, value in inputs.items()
    }  # fmt: skip
    found = {value.shape: value for value in model.predict(given).values()}
    assert set(found) == {value.shape for value in outputs.values()}
    for name, value in outputs.items():
        close = CLOSE[backend] * max(1.0, float(np.abs(value).max()))
        np.testing.assert_allclose(found[value.shape], value, rtol=0, atol=close, err_msg=name)


def in_memory(net: Net) -> dict[str, Any]:
    tf = tensorflow()
    specs = [tf.TensorSpec([None, *value.shape[1:]], value.dtype, name=name) for name, value in net.inputs.items()]
    module = tf.Module()
    module.model = net.model
    call = tf.function(lambda image, words: net.model([image, words], training=False), input_signature=specs)
    module.call = call
    return {
        "keras.Model": net.model,
        "tf.function": call,
        "concrete": call.get_concrete_function(),
        "tf.Module": module,
    }


@pytest.mark.parametrize("kind", ["keras.Model", "tf.function", "concrete", "tf.Module"])
def test_a_model_in_python(browser_session: BrowserSession, net: Net, tmp_path: Path, kind: str) -> None:
    made = tfjsci.convert(in_memory(net)[kind], tmp_path / "web")
    backends = BACKENDS if kind == "keras.Model" else ("wasm", "webgl")  # the graphs are the same
    for backend in backends:
        assert_predicts(browser_session, made, backend, net.inputs, net.outputs)
    if kind == "keras.Model":
        layers = tfjsci.convert(net.model, tmp_path / "layers", output_format="layers", backends=["wasm", "webgl"])
        for backend in ("wasm", "webgl"):
            assert_predicts(
                browser_session, layers, backend, net.inputs, net.outputs, load=tfjsci.load_layers_model
            )  # fmt: skip


def test_a_graph_model_goes_back_and_comes_again(browser_session: BrowserSession, net: Net, tmp_path: Path) -> None:
    """As a SavedModel, as a frozen graph, and in other shards."""
    web = tfjsci.convert(net.model, tmp_path / "web")
    saved = tfjsci.convert(web.path, tmp_path / "saved", output_format="saved_model")
    frozen = tfjsci.convert(web.path, tmp_path / "frozen.pb", output_format="frozen")
    nodes = [spec.tensor.removesuffix(":0") for spec in frozen.outputs]
    for source, name, options in (
        (saved.path, "of_saved", {}),
        (frozen.path, "of_frozen", {"output_nodes": nodes}),
        (web.path, "again", {"shard_bytes": 300}),
    ):
        made = tfjsci.convert(source, tmp_path / name, **options)  # type: ignore[arg-type]
        for backend in ("wasm", "webgl"):
            assert_predicts(browser_session, made, backend, net.inputs, net.outputs)
    assert len(list((tmp_path / "again").glob("*.bin"))) > 1


def test_a_layers_model_goes_back_and_comes_again(browser_session: BrowserSession, net: Net, tmp_path: Path) -> None:
    """As ``.h5``, ``.keras`` and a SavedModel, which become what the browser runs."""
    web = tfjsci.convert(net.model, tmp_path / "web", output_format="layers")
    for back, name in (("h5", "m.h5"), ("keras", "m.keras"), ("saved_model", "saved")):
        tfjsci.convert(web.path, tmp_path / name, output_format=back)  # type: ignore[arg-type]
        graph = tfjsci.convert(tmp_path / name, tmp_path / f"graph of {back}")
        assert_predicts(browser_session, graph, "wasm", net.inputs, net.outputs)
        if back != "saved_model":
            layers = tfjsci.convert(tmp_path / name, tmp_path / f"layers of {back}", output_format="layers")
            assert_predicts(
                browser_session, layers, "webgl", net.inputs, net.outputs, load=tfjsci.load_layers_model
            )  # fmt: skip


@pytest.mark.parametrize("file", ["tf_keras.h5", "tf_keras_weights.h5"])
def test_a_trained_model_of_keras_2(browser_session: BrowserSession, tmp_path: Path, file: str) -> None:
    """The whole file, and its weights alone beside the model's JSON (``golden/make_tf_keras_h5.py`` wrote them)."""
    architecture = None if file == "tf_keras.h5" else GOLDEN / "tf_keras.json"
    with np.load(GOLDEN / "tf_keras.npz") as stored:
        arrays = {name: stored[name] for name in stored.files}
    inputs = {name: arrays[name] for name in ("image", "words")}
    outputs = {name: arrays[name] for name in ("out0", "out1")}
    graph = tfjsci.convert(GOLDEN / file, tmp_path / "graph", architecture=architecture)
    layers = tfjsci.convert(GOLDEN / file, tmp_path / "layers", output_format="layers", architecture=architecture)
    for backend in BACKENDS if file == "tf_keras.h5" else ("wasm",):
        assert_predicts(browser_session, graph, backend, inputs, outputs)  # type: ignore[arg-type]
    for backend in ("wasm", "webgl") if file == "tf_keras.h5" else ("wasm",):
        assert_predicts(browser_session, layers, backend, inputs, outputs, load=tfjsci.load_layers_model)  # type: ignore[arg-type]


def test_weights_alone_of_keras_3(browser_session: BrowserSession, net: Net, tmp_path: Path) -> None:
    net.model.save_weights(tmp_path / "m.weights.h5")
    (tmp_path / "m.json").write_text(net.model.to_json(), encoding="utf-8")
    for output_format, load in (("graph", tfjsci.load_graph_model), ("layers", tfjsci.load_layers_model)):
        made = tfjsci.convert(
            tmp_path / "m.weights.h5", tmp_path / output_format, architecture=tmp_path / "m.json",
            output_format=output_format,  # type: ignore[arg-type]
        )  # fmt: skip
        for backend in ("wasm", "webgl"):
            assert_predicts(browser_session, made, backend, net.inputs, net.outputs, load=load)  # type: ignore[arg-type]


@pytest.fixture
def kagglehub(net: Net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A handle, and a stand-in for the package, which knows it."""
    net.model.export(tmp_path / "kaggle", verbose=False)
    stand_in = ModuleType("kagglehub")
    found = {"owner/net/tensorFlow2/small/1": str(tmp_path / "kaggle")}
    monkeypatch.setattr(stand_in, "model_download", found.__getitem__, raising=False)
    monkeypatch.setitem(sys.modules, "kagglehub", stand_in)
    return next(iter(found))


def test_a_kaggle_handle(browser_session: BrowserSession, net: Net, kagglehub: str, tmp_path: Path) -> None:
    made = tfjsci.convert(kagglehub, tmp_path / "web")
    assert made.input_format == "hub"
    for backend in ("wasm", "webgl"):
        assert_predicts(browser_session, made, backend, net.inputs, net.outputs)


@pytest.mark.parametrize("main_op", ["main_op", "legacy_init_op", "frozen"])
def test_tables_of_tensorflow_1(browser_session: BrowserSession, tmp_path: Path, main_op: str) -> None:
    """Words are looked up, embedded and joined with numbers; the initialiser is in a collection, or in the frozen graph."""
    tf = tensorflow()
    v1 = tf.compat.v1
    with session_graph() as (graph, session):
        words, numbers = v1.placeholder(tf.string, [None, 3], "words"), v1.placeholder(tf.float32, [None, 4], "numbers")
        contents = tf.lookup.KeyValueTensorInitializer(["red", "blue", "green"], tf.constant([1, 2, 3], tf.int64))
        ids = tf.lookup.StaticHashTable(contents, 0).lookup(words)
        looked_up = tf.gather(variable("table", 4, 5, resource=False), ids)
        dense = tf.nn.tanh(numbers @ variable("dense", 4, 5, resource=True))
        tf.nn.softmax(tf.reduce_mean(looked_up, 1) + dense, name="scores")
        tf.add(ids, 10, name="ids")
        init = v1.tables_initializer(name="init_tables")
        session.run([v1.global_variables_initializer(), init])
        tensors = {name: graph.get_tensor_by_name(f"{name}:0") for name in ("words", "numbers", "scores", "ids")}
        given = {
            "words": np.array([[b"red", b"pink", b"green"], [b"blue", b"", b"red"]], object),
            "numbers": np.linspace(-1, 2, 8, dtype=np.float32).reshape(2, 4),
        }
        wanted = session.run(
            {name: tensors[name] for name in ("scores", "ids")}, {tensors[name]: value for name, value in given.items()}
        )
        options: dict[str, Any] = {}
        if main_op == "frozen":
            ends, options = ["scores", "ids", "init_tables"], {"output_nodes": ["scores", "ids"]}
            frozen = v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ends)
            (tmp_path / "m.pb").write_bytes(frozen.SerializeToString())
        else:
            builder = v1.saved_model.Builder(str(tmp_path / "m.pb"))
            signature = signature_of_tensors(tensors, ("words", "numbers"), ("scores", "ids"))
            builder.add_meta_graph_and_variables(
                session, ["serve"], signature_def_map={"serving_default": signature}, **{main_op: init}
            )  # fmt: skip
            builder.save()
    made = tfjsci.convert(tmp_path / "m.pb", tmp_path / "web", backends=["webgl", "cpu"], **options)
    for backend in ("webgl", "cpu"):
        assert_predicts(browser_session, made, backend, given, wanted)  # type: ignore[arg-type]
