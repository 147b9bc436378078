"""Functions of JAX, in the real browser on every backend: JAX's own numbers. And what can't be written in TensorFlow's ops."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental import jax2tf

import tfjsci
from tfjsci.browser.session import BrowserSession
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import ConversionFailed, NumbersDiffer, PackageMissing, UnknownFormat, UnsupportedOps, UsageError
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load import in_memory, jax_function

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

CLOSE = {"cpu": 1e-5, "wasm": 1e-5, "webgl": 1e-4, "webgpu": 1e-4}
"""Relative to the largest number: the GPU's exp and tanh are coarser."""

DRAW = np.random.default_rng(31)
INPUTS = {"image": ((None, 7, 5, 3), "float32"), "words": ((None, 4), jnp.int32), "start": ((None, 5), "float32")}
GIVEN = {
    "image": DRAW.normal(size=(2, 7, 5, 3)).astype("float32"),
    "words": DRAW.integers(0, 11, (2, 4)).astype("int32"),
    "start": DRAW.normal(size=(2, 5)).astype("float32"),
}
PARAMS = {
    "conv": {"kernel": 0.4 * DRAW.normal(size=(3, 2, 3, 8)), "bias": DRAW.normal(size=8)},
    "norm": {"mean": DRAW.normal(size=8), "variance": DRAW.uniform(0.5, 2.0, 8), "scale": DRAW.normal(size=8)},
    "table": DRAW.normal(size=(11, 6)),
    "dense": [0.5 * DRAW.normal(size=(14, 5)), 0.25],
}


def net(params: Any, image: Any, words: Any, start: Any) -> dict[str, Any]:
    """Convolution, norm, gelu, pooling, attention over words, a loop, a softmax; trees as parameters and as outputs."""
    conv, norm = params["conv"], params["norm"]
    layout = ("NHWC", "HWIO", "NHWC")
    x = jax.lax.conv_general_dilated(image, conv["kernel"], (1, 2), "SAME", dimension_numbers=layout) + conv["bias"]
    x = jax.nn.gelu((x - norm["mean"]) * jax.lax.rsqrt(norm["variance"] + 1e-3) * norm["scale"])
    x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 1, 1), (1, 2, 1, 1), "VALID")
    looked_up = params["table"][words]
    attention = jax.nn.softmax(jnp.einsum("bid,bjd->bij", looked_up, looked_up) / 6**0.5)
    read = jnp.einsum("bij,bjd->bid", attention, looked_up).mean(1)
    kernel, bias = params["dense"]
    logits = jnp.concatenate([x.mean((1, 2)), read], -1) @ kernel + bias
    state, _ = jax.lax.scan(lambda state, _: (jnp.tanh(state * 0.5 + logits), None), start, None, length=3)
    return {"scores": jax.nn.softmax(logits), "maps": (x.sum(-1)[:, :, ::-1], attention), "state": state}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    params = jax.tree.map(lambda leaf: np.float32(leaf), PARAMS)
    wanted = jax.jit(net)(params, *GIVEN.values())
    folder = tmp_path_factory.mktemp("jax") / "web"
    tfjsci.convert_jax(jax.jit(net), folder, inputs=INPUTS, params=params)
    first, second = wanted["maps"]
    return folder, {"maps/0": first, "maps/1": second, "scores": wanted["scores"], "state": wanted["state"]}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_net_gives_jaxs_numbers(
    browser_session: BrowserSession, made: tuple[Path, dict[str, Any]], backend: Backend
) -> None:
    folder, wanted = made
    model = tfjsci.load_graph_model(folder, backend, session=browser_session)
    assert {spec.name: spec.shape for spec in model.inputs} == {name: shape for name, (shape, _) in INPUTS.items()}
    found = model.predict(GIVEN)
    assert list(found) == list(wanted)
    for name, value in wanted.items():
        assert found[name].shape == value.shape
        close = CLOSE[backend] * max(1.0, float(np.abs(value).max()))
        np.testing.assert_allclose(found[name], np.asarray(value), rtol=0, atol=close, err_msg=name)


def test_weights_are_named_after_their_places(made: tuple[Path, dict[str, Any]]) -> None:
    document = json.loads((made[0] / "model.json").read_text("utf-8"))
    names = [weight["name"] for group in document["weightsManifest"] for weight in group["weights"]]
    assert {"conv/kernel", "table", "dense/0"} <= set(names)


def test_open_sizes_bare_outputs_and_the_original_is_jax(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes of one name are one size; what the browser gives is held against JAX, not against what jax2tf made of it."""

    def mixed(a: Any, b: Any) -> Any:
        return jnp.where(a > b.T, a, b.T), (a @ b).sum()

    inputs = {"a": (("rows", "columns"), "float32"), "b": (("columns", "rows"), "float32")}
    shapes = {"a": DRAW.normal(size=(3, 5)).astype("float32"), "b": DRAW.normal(size=(5, 3)).astype("float32")}
    made = tfjsci.convert_jax(mixed, tmp_path / "web", inputs=inputs, verify=["cpu"], verify_inputs=shapes)
    assert [spec.name for spec in made.outputs] == ["output_0", "output_1"]
    assert made.verified
    assert made.input_format == "jax"
    one = tfjsci.convert_jax(jnp.tanh, tmp_path / "one", inputs={"x": shapes["a"]})
    assert [(spec.name, spec.shape) for spec in (*one.inputs, *one.outputs)] == [("x", (3, 5)), ("output_0", (3, 5))]

    as_module = in_memory.as_module
    wrong = jax_function.JaxFunction(function=lambda a, b: mixed(a * 1.01, b), inputs=jax_function.inputs_of(inputs))
    monkeypatch.setattr(in_memory, "as_module", lambda _: as_module(wrong))
    with pytest.raises(NumbersDiffer, match="output 'output_0' on cpu"):
        tfjsci.convert_jax(mixed, tmp_path / "none", inputs=inputs, verify=["cpu"], verify_inputs=shapes)
    assert not (tmp_path / "none").exists()


@pytest.mark.filterwarnings("ignore:jax2tf.convert with")
def test_compiled_code_is_named_with_how_to_export_again(tmp_path: Path) -> None:
    """What jax2tf writes unless it is told not to, and XLA's own ops; the same function right beside them."""
    tf = tensorflow()

    def written(**options: Any) -> Any:
        pooled = jax2tf.convert(
            lambda x: jax.lax.reduce_window(x, 0.0, jax.lax.add, (1, 2), (1, 2), "VALID"), **options
        )
        return tf.function(pooled, input_signature=[tf.TensorSpec([3, 4], name="x")], autograph=False)

    for options, error, words in (
        ({}, UnsupportedOps, "XlaCallModule ×1"),
        ({"native_serialization": False}, ConversionFailed, "XlaReduceWindow"),
    ):
        with pytest.raises(error, match=words) as told:
            tfjsci.convert(written(**options), tmp_path / "web")
        assert told.value.hint is not None
        assert "native_serialization=False, enable_xla=False" in told.value.hint
    with pytest.raises(ConversionFailed, match="Call to sort cannot be converted") as no_sort:
        tfjsci.convert_jax(lambda x: jnp.sort(x), tmp_path / "web", inputs={"x": ((3, 4), "float32")})
    assert "top_k" in str(no_sort.value.hint)
    again = jax2tf.convert(lambda x: jax.lax.top_k(x, 2)[0], native_serialization=False, enable_xla=False)
    top = tf.function(again, input_signature=[tf.TensorSpec([3, 4], name="x")], autograph=False)
    assert tfjsci.convert(top, tmp_path / "web", backends=["cpu"], verify=["cpu"]).verified


def test_what_does_not_fit_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row: Any = ((None, 4), "float32")
    for function, inputs, error, words in (
        (jnp.sin, [row], UsageError, "doesn't say what it takes"),
        (jnp.sin, {"x": "f4"}, UsageError, r"inputs\['x'\] is no shape with a dtype"),
        (jnp.add, {"x": row, "y": ((None, 3), "float32")}, ConversionFailed, "incompatible shapes"),
        (lambda x: x.reshape(3, -1), {"x": row}, ConversionFailed, "Cannot divide evenly"),
    ):
        with pytest.raises(error, match=words):
            tfjsci.convert_jax(function, tmp_path / "web", inputs=inputs)  # type: ignore[arg-type]
    with pytest.raises(UnknownFormat) as told:
        tfjsci.convert(jax.jit(jnp.sin), tmp_path / "web")
    assert "convert_jax" in str(told.value.hint)
    import_module = jax_function.importlib.import_module
    for found, words in (
        ({"jax": SimpleNamespace(__version__="0.7.2")}, "jax 0.7.2 writes compiled code"),
        ({}, "no jax"),
    ):

        def without(name: str, there: dict[str, Any] = found) -> Any:
            if not name.startswith("jax"):
                return import_module(name)
            if name in there:
                return there[name]
            raise ImportError("no jax")

        monkeypatch.setattr(jax_function.importlib, "import_module", without)
        with pytest.raises(PackageMissing, match=words) as missing:
            tfjsci.convert_jax(jnp.sin, tmp_path / "web", inputs={"x": row})
        assert "tfjsci[jax]" in str(missing.value.hint)
    assert not (tmp_path / "web").exists()
