"""Models that are at hand in Python, converted, proven and run in the browser from Python: names, order, nothing mixed up."""

from __future__ import annotations

import gc
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfjsci
from tfjsci.browser.protocol import CustomScript
from tfjsci.browser.session import BrowserSession
from tfjsci.conversion import proof
from tfjsci.dtypes import BACKENDS
from tfjsci.errors import ConversionFailed, NumbersDiffer, UnknownFormat, UnknownSignature
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.load.loaded import LoadedGraph
from tfjsci.rewrite import pipeline

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

X = np.random.default_rng(4).normal(size=(5, 4)).astype("float32")

PREDICTS = """
// predict is what a page calls: it asks for the outputs itself, by the nodes' names of the signature.
const load = tf.loadGraphModel;
tf.loadGraphModel = async (...given) => {
  const model = await load(...given);
  const execute = model.execute.bind(model);
  model.execute = (inputs, names) => {
    model.execute = execute;
    const made = model.predict(inputs);
    return made instanceof tf.Tensor || Array.isArray(made) ? made : names.map(name => made[name]);
  };
  return model;
};
"""


@pytest.fixture(scope="module")
def module() -> Any:
    """Two functions with inputs of one name; one gives a tensor twice, an input, a weight, and both halves of a Split."""
    tf = tensorflow()

    class Mine(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__("mine")
            rng = np.random.default_rng(3)
            self.w = tf.Variable(rng.normal(size=(4, 6)).astype("float32"), name="w")
            self.seen = tf.constant([7.0, 8.0])

        @tf.function(input_signature=[tf.TensorSpec([None, 4], name="x")])
        def both(self, x: Any) -> Any:
            y = tf.nn.relu(tf.matmul(x, self.w))
            left, right = tf.split(y * 2.0, 2, axis=1)
            # TensorFlow gives a signature's outputs in the order of their names
            return {
                "zeta": y,
                "alpha": y,
                "given": x,
                "weight": self.w,
                "right": right,
                "left": left,
                "seen": self.seen,
            }

        @tf.function(input_signature=[tf.TensorSpec([None, 6], name="x")])
        def back(self, x: Any) -> Any:
            return {"zeta": tf.matmul(x, self.w, transpose_b=True), "alpha": x - 1.0}

    return Mine()


def expected(function: Any, *arrays: Any) -> dict[str, Any]:
    return {name: value.numpy() for name, value in function(*map(tensorflow().constant, arrays)).items()}


def assert_close(found: Mapping[str, Any], wanted: Mapping[str, Any], close: float = 1e-4) -> None:
    assert sorted(found) == sorted(wanted)
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, atol=close * max(1.0, float(np.abs(value).max())), err_msg=name)


@pytest.mark.parametrize("backend", BACKENDS)
def test_outputs_that_are_one_tensor_an_input_or_a_weight(
    browser_session: BrowserSession, module: Any, tmp_path: Path, backend: Any
) -> None:
    """As ``execute`` gives them, and as ``predict`` does, which a page calls."""
    made = tfjsci.convert(module, tmp_path / "web", signature="both", backends=[backend], structured_outputs=True)
    (tmp_path / "predicts.js").write_text(PREDICTS, encoding="utf-8")
    script = CustomScript(path=tmp_path / "predicts.js", name="predicts.js", ops=())
    wanted = expected(module.both, X)
    for scripts in ((), (script,)):
        inputs = [{"x": X}, {"x": X[:2]}]  # twice: nothing of the model is freed with the first outputs
        first, second = browser_session.predict(made.path, backend, inputs, deadline_seconds=60, scripts=scripts)
        assert_close(first.outputs, wanted)
        assert_close(second.outputs, expected(module.both, X[:2]))
    document = json.loads((made.path / "model.json").read_text(encoding="utf-8"))
    names = list(document["signature"]["outputs"])
    assert document["userDefinedMetadata"] == {"structuredOutputKeys": names}
    assert names == [spec.name for spec in made.outputs]


def test_predict_would_mix_them_up_if_they_shared_a_node(
    browser_session: BrowserSession, module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = tuple(stage for stage in pipeline.STAGES if stage.name != "outputs")
    assert len(stages) == len(pipeline.STAGES) - 1
    monkeypatch.setattr(pipeline, "STAGES", stages)
    made = tfjsci.convert(module.both, tmp_path / "web", backends=["cpu"], structured_outputs=True)
    (tmp_path / "predicts.js").write_text(PREDICTS, encoding="utf-8")
    script = CustomScript(path=tmp_path / "predicts.js", name="predicts.js", ops=())
    (prediction,) = browser_session.predict(made.path, "cpu", [{"x": X}], deadline_seconds=60, scripts=[script])
    with pytest.raises(AssertionError, match=r"\ngiven\n"):
        assert_close(prediction.outputs, expected(module.both, X))


def test_several_signatures_into_folders_of_their_own(
    browser_session: BrowserSession, module: Any, tmp_path: Path
) -> None:
    tf = tensorflow()
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures={"both": module.both, "../back": module.back})
    made = tfjsci.convert_signatures(tmp_path / "saved", tmp_path / "web", signatures=["both", "../back"])
    assert sorted(path.name for path in (tmp_path / "web").iterdir()) == ["_back", "both"]
    given = np.random.default_rng(5).normal(size=(3, 6)).astype("float32")
    for name, function, array in (("both", module.both, X), ("../back", module.back, given)):
        assert made[name].signature == name
        with tfjsci.load_graph_model(made[name].path, "wasm", session=browser_session) as model:
            assert_close(model.predict(array), expected(function, array))
    with pytest.raises(UnknownSignature):
        tfjsci.convert_signatures(tmp_path / "saved", tmp_path / "none", signatures=["both", "gone"])
    assert not (tmp_path / "none").exists()


def test_functions_and_keras_models(browser_session: BrowserSession, module: Any, tmp_path: Path) -> None:
    k, tf = keras(), tensorflow()
    a, b = k.Input((4,), name="b"), k.Input((4,), name="a")
    net = k.Model([a, b], [k.layers.Dense(3, name="zeta")(a - 2.0 * b), k.layers.Multiply(name="alpha")([a, b])])
    before = {path.name for path in Path(tempfile.gettempdir()).glob("tfjsci-*")}
    twice = tf.function(lambda x: (x * 2.0, x), input_signature=[tf.TensorSpec([None, 4], name="x")])
    sources = {"function": module.both, "concrete": module.back.get_concrete_function(), "plain": twice}
    gc.collect()
    others = [each for each in gc.get_objects() if isinstance(each, LoadedGraph)]  # of tests before
    made = {name: tfjsci.convert(source, tmp_path / name, backends=["wasm"]) for name, source in sources.items()}
    gc.collect()
    kept = [each for each in gc.get_objects() if isinstance(each, LoadedGraph)]
    assert len(kept) == len(others), "nor is anything kept"
    assert {path.name for path in Path(tempfile.gettempdir()).glob("tfjsci-*")} == before, "nothing temporary is left"
    answers = {
        name: tfjsci.load_graph_model(made[name].path, "wasm", session=browser_session)
        for name in sources
    }  # fmt: skip
    assert_close(answers["function"].predict(X), expected(module.both, X))
    six = np.ones((2, 6), "float32")
    assert_close(answers["concrete"].predict({"x": six}), expected(module.back, six))
    plain = answers["plain"].predict(X)
    assert list(plain) == ["output_0", "output_1"]
    np.testing.assert_allclose(plain[0], 2 * X)
    np.testing.assert_allclose(plain[1], X)

    for output_format, load in (("graph", tfjsci.load_graph_model), ("layers", tfjsci.load_layers_model)):
        source = tfjsci.convert(net, tmp_path / output_format, output_format=output_format)  # type: ignore[arg-type]
        assert [spec.name for spec in source.inputs] == ["b", "a"]
        model = load(source, "wasm", session=browser_session)
        found = model.predict(X, 3 * X)
        assert list(found) == ["zeta", "alpha"]
        for array, wanted in zip(found.values(), net([X, 3 * X]), strict=True):
            np.testing.assert_allclose(array, np.asarray(wanted), atol=1e-4)
    assert source.input_format == "keras"


def test_nested_inputs_and_outputs(browser_session: BrowserSession, tmp_path: Path) -> None:
    tf = tensorflow()
    weight = tf.Variable([[1.0, 2.0, 3.0, 4.0]])

    def nested(pair: Any, more: Any) -> Any:
        a, b = pair["a"], pair["b"]
        return {"z": (a * weight, b), "m": {"y": a + more, "x": [b - more]}}

    row = tf.TensorSpec([None, 4], tf.float32)
    concrete = tf.function(nested).get_concrete_function({"b": row, "a": row}, more=row)
    made = tfjsci.convert(concrete, tmp_path / "web", backends=["cpu"], structured_outputs=True)
    assert len({spec.name for spec in made.inputs}) == 3
    model = tfjsci.load_graph_model(made, "cpu", session=browser_session)
    by_letter = {"a": X, "b": 2 * X, "more": 3 * X}
    given = {spec.name: by_letter[spec.name.rpartition("_")[2]] for spec in made.inputs}
    wanted = {"m/x/0": -X, "m/y": 4 * X, "z/0": X * [[1.0, 2.0, 3.0, 4.0]], "z/1": 2 * X}
    found = model.predict(given)
    assert list(found) == list(wanted)
    assert_close(found, wanted)


def test_what_is_no_model_or_does_not_say_what_it_takes(module: Any, tmp_path: Path) -> None:
    tf = tensorflow()
    for source, error, words in (
        (module, UnknownSignature, "which function of mine is meant isn't evident"),
        (tf.function(lambda x: x), ConversionFailed, "doesn't say what it takes"),
        ([1, 2], UnknownFormat, "an object of the class list is of no kind"),
        (type("Old", (), {"__module__": "tf_keras.src"})(), UnknownFormat, "a model of Keras 2"),
    ):
        with pytest.raises(error, match=words):
            tfjsci.convert(source, tmp_path / "web")
    with pytest.raises(UnknownSignature, match='Did you mean "both"'):
        tfjsci.convert(module, tmp_path / "web", signature="booth")
    with pytest.raises(UnknownFormat, match="is not a Keras model"):
        tfjsci.convert(module.both, tmp_path / "web", output_format="layers")
    assert not (tmp_path / "web").exists()


def test_verified_before_it_takes_its_place(module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tfjsci.convert(module.back, tmp_path / "web", verify=["wasm", "cpu"])
    assert made.verified
    assert {(run.backend, run.output) for run in made.runs} == {
        (backend, output) for backend in ("wasm", "cpu") for output in ("zeta", "alpha")
    }
    assert all(run.exact or (run.sqnr_db or 0) > run.limit_db for run in made.runs)
    before = (made.path / "model.json").read_bytes()

    def off(loaded: Any, samples: Any) -> Any:
        return [{name: value * 1.01 for name, value in loaded.original(sample).items()} for sample in samples]

    monkeypatch.setattr(proof, "run_reference", off)
    with pytest.raises(NumbersDiffer, match="output 'zeta' on cpu: 40"):
        tfjsci.convert(module.back, tmp_path / "web", verify=["cpu"], metadata={"a": 1})
    assert (made.path / "model.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["web"], "nothing else is left"


@pytest.mark.parametrize("backend", ["webgl", "wasm"])
def test_a_model_loaded_from_python(browser_session: BrowserSession, module: Any, tmp_path: Path, backend: Any) -> None:
    made = tfjsci.convert(module.back, tmp_path / "web", backends=[backend])
    model = tfjsci.load_graph_model(made, backend, session=browser_session)
    array = np.random.default_rng(6).normal(size=(3, 6)).astype("float32")
    one, many = model.predict(array), model.predict_many([array, {"x": array[:1]}])
    assert one.environment.backend == backend
    assert_close(one, expected(module.back, array))
    assert_close(many[1], expected(module.back, array[:1]))
    document = json.loads((made.path / "model.json").read_text(encoding="utf-8"))
    del document["signature"]
    (made.path / "model.json").write_text(json.dumps(document), encoding="utf-8")
    bare = tfjsci.load_graph_model(made, backend, session=browser_session)
    assert [spec.dtype for spec in bare.inputs] == ["float32"]
    found = bare.predict(array)
    np.testing.assert_allclose(sorted(value.sum() for value in found.values()), sorted(v.sum() for v in one.values()))
