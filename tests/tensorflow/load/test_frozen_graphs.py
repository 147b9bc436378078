"""Frozen graphs: outputs by name, inputs found or named, weights taken out; and a reason when one can't be read."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lowered_graph import agree
from session_models import (
    SessionModel,
    frozen,
    given,
    session_graph,
    two_headed,
    write_frozen,
)

from tfjsci import api
from tfjsci.converter import Converted, convert
from tfjsci.errors import CodeRefused, ConversionFailed, CorruptModel, MissingModel, TfjsciError, UnknownSignature
from tfjsci.load.graph_file import read_graph_file
from tfjsci.load.load import LoadOptions

tf: Any = None  # set by conftest.py when the first test runs


@pytest.fixture(scope="module")
def model() -> Iterator[SessionModel]:
    with two_headed() as made:
        yield made


@pytest.fixture(scope="module")
def file(model: SessionModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_frozen(model, tmp_path_factory.mktemp("frozen") / "two_headed.pb")


def converted(source: Path, *outputs: str, inputs: Any = (), **options: Any) -> Converted:
    wanted = LoadOptions(output_nodes=outputs, input_nodes=tuple(inputs), **options)
    return convert(source, backends=["cpu"], options=wanted)


def written(path: Path, graphdef: Any) -> Path:
    path.write_bytes(graphdef.SerializeToString())
    return path


def small(build: Any) -> Any:
    """The GraphDef of what ``build`` builds."""
    with session_graph() as (graph, _):
        build(tf.compat.v1)
        return graph.as_graph_def()


@pytest.mark.oldest
def test_several_inputs_and_outputs(file: Path, model: SessionModel) -> None:
    ours = converted(file, "scores", "parts:1")
    assert [(spec.name, spec.dtype, spec.shape) for spec in ours.inputs] == [
        ("image", "float32", (None, 7, 5, 3)),
        ("words", "int32", (None, 4)),
    ]
    assert [(spec.name, spec.shape) for spec in ours.outputs] == [("scores", (None, 5)), ("parts:1", (None, 2, 3))]
    assert (ours.loaded.format, ours.loaded.signature) == ("frozen", None)
    assert [note for note in ours.notes if "keep" in note], "that a switch has its default is told"
    original = agree(ours, given())
    wanted = model.session.run(list(model.outputs.values()), {model.inputs[k]: v for k, v in given().items()})
    for name, value in zip(("scores", "parts:1"), wanted, strict=True):
        np.testing.assert_allclose(original[name], value, rtol=1e-6, err_msg=name)


def test_the_order_of_the_outputs_is_that_of_their_names(file: Path) -> None:
    ours = converted(file, "parts:1", "scores:0", "parts", "scores")
    assert [spec.name for spec in ours.outputs] == ["parts:1", "scores", "parts"]
    agree(ours, given())


def test_weights_are_taken_out_and_are_named_after_what_they_were(file: Path) -> None:
    read = read_graph_file(file)
    assert {name for name, value in read.weights.items() if value.ndim > 1} == {"conv/kernel", "table", "dense/kernel"}
    assert "keep/input" not in read.weights, "a scalar stays"
    assert read.graphdef.ByteSize() < 12_000
    ours = converted(file, "scores")
    sources = {source for constant in ours.graph.constants.values() for source in constant.sources}
    assert sources >= {"conv/kernel", "dense/kernel", "dense/bias", "norm/gamma", "table"}


def test_a_switch_that_is_named_is_an_input(file: Path) -> None:
    ours = converted(file, "scores", inputs=["words", "keep", "image"])
    assert [spec.name for spec in ours.inputs] == ["words", "keep", "image"]
    assert ours.inputs[1].shape == ()
    assert not [note for note in ours.notes if "keep" in note]
    off, on = (agree(ours, {**given(), "keep": np.float32(keep)}) for keep in (0.5, 1.0))
    assert np.abs(off["scores"] - on["scores"]).max() > 1e-3


def test_any_node_can_be_an_input(file: Path) -> None:
    ours = converted(file, "scores", "heat", inputs=["pool", "meant"])
    assert [(spec.name, spec.shape) for spec in ours.inputs] == [("pool", (None, 3, 3, 8)), ("meant", (None, 6))]
    rng = np.random.default_rng(1)
    agree(
        ours,
        {
            "pool": rng.normal(size=(2, 3, 3, 8)).astype(np.float32),
            "meant": rng.normal(size=(2, 6)).astype(np.float32),
        },
    )
    assert not any("conv" in node.name for node in ours.graph.nodes)


def test_a_default_that_is_no_scalar_is_an_input(tmp_path: Path) -> None:
    def build(v1: Any) -> None:
        x = v1.placeholder_with_default(np.ones((2, 3), np.float32), [None, 3], "x")
        tf.multiply(x, [1.0, 2.0, 3.0], name="y")

    ours = converted(written(tmp_path / "g.pb", small(build)), "y")
    assert [(spec.name, spec.shape) for spec in ours.inputs] == [("x", (None, 3))]
    agree(ours, {"x": np.arange(12, dtype=np.float32).reshape(4, 3)})


def test_shapes_pin_inputs_and_say_those_that_the_graph_doesnt(file: Path, tmp_path: Path) -> None:
    ours = converted(file, "scores", input_shapes={"image": (2, 7, 5, 3), "words": (2, None)})
    assert [spec.shape for spec in ours.inputs] == [(2, 7, 5, 3), (2, 4)]
    agree(ours, given(rows=2))

    def build(v1: Any) -> None:
        x = v1.placeholder(tf.float32, None, "x")
        tf.reduce_sum(tf.square(x), 1, name="y")

    open_file = written(tmp_path / "open.pb", small(build))
    with pytest.raises(ConversionFailed, match="doesn't say how many dimensions its input x has") as refused:
        converted(open_file, "y")
    assert "--input-shape x=" in str(refused.value.hint)
    ours = converted(open_file, "y", input_shapes={"x": (None, 3)})
    assert ours.inputs[0].shape == (None, 3)
    agree(ours, {"x": np.arange(12, dtype=np.float32).reshape(4, 3)})


def test_an_old_producers_shape_of_nothing_is_none(tmp_path: Path) -> None:
    graphdef = small(lambda v1: tf.reduce_sum(tf.square(v1.placeholder(tf.float32, [2, 3], "x")), 1, name="y"))
    graphdef.node[0].attr["shape"].shape.ClearField("dim")
    graphdef.versions.producer = 20
    with pytest.raises(ConversionFailed, match="how many dimensions"):
        converted(written(tmp_path / "old.pb", graphdef), "y")


def test_outputs_that_are_inputs_weights_and_constants(tmp_path: Path) -> None:
    def build(v1: Any) -> None:
        x = v1.placeholder(tf.float32, [None, 3], "x")
        w = tf.constant(np.arange(6, dtype=np.float32).reshape(3, 2), name="w")
        tf.constant(7, name="seven")
        tf.matmul(x, w, name="y")

    ours = converted(written(tmp_path / "g.pb", small(build)), "w", "x", "y", "seven")
    original = agree(ours, {"x": np.arange(6, dtype=np.float32).reshape(2, 3)})
    np.testing.assert_array_equal(original["w"], np.arange(6).reshape(3, 2))
    assert original["seven"] == 7


def test_as_text(model: SessionModel, tmp_path: Path) -> None:
    (tmp_path / "g.pbtxt").write_text(str(frozen(model)), "utf-8")
    agree(converted(tmp_path / "g.pbtxt", "scores"), given())
    (tmp_path / "bad.pbtxt").write_text("node {\n  name: 'x'\n  op: \n}\n", "utf-8")
    with pytest.raises(CorruptModel, match=r"bad\.pbtxt can't be read as a GraphDef"):
        converted(tmp_path / "bad.pbtxt", "x")


def test_functions_and_loops_of_tensorflow_2(tmp_path: Path) -> None:
    """What is frozen by TensorFlow 2 has functions in its library, and weights that go into them."""
    weight = tf.Variable(np.random.default_rng(0).normal(size=(3, 3)).astype(np.float32))

    @tf.function(input_signature=[tf.TensorSpec([None, 3], name="x"), tf.TensorSpec([], "int32", name="n")])
    def run(x: Any, n: Any) -> Any:
        return tf.while_loop(lambda i, _: i < n, lambda i, y: (i + 1, tf.tanh(tf.matmul(y, weight))), (0, x))[1]

    convert_v2 = __import__(
        "tensorflow.python.framework.convert_to_constants", fromlist=["convert_variables_to_constants_v2"]
    ).convert_variables_to_constants_v2
    made = convert_v2(run.get_concrete_function(), lower_control_flow=False)
    file = written(tmp_path / "loop.pb", made.graph.as_graph_def())
    (output,) = (tensor.name.removesuffix(":0") for tensor in made.outputs)
    ours = converted(file, output)
    assert {node.op for node in ours.graph.nodes} & {"While", "StatelessWhile"}
    x = np.random.default_rng(1).normal(size=(2, 3)).astype(np.float32)
    agree_loop(ours, {"x": x, "n": np.int32(3)})


def agree_loop(ours: Converted, arrays: dict[str, Any]) -> None:
    from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
    from tfjsci.verify.run import run_graph

    nodes = {spec.tensor.partition(":")[0]: arrays[spec.name] for spec in ours.inputs}
    values = run_graph(ours.graph, nodes, evaluate_in_tensorflow)
    for spec, value, wanted in zip(ours.outputs, values, ours.loaded.original(arrays).values(), strict=True):
        np.testing.assert_allclose(value, wanted, rtol=1e-4, atol=1e-5, err_msg=spec.name)


# --- a reason ---------------------------------------------------------------------------------------------------------


def test_outputs_that_nobody_named(file: Path) -> None:
    with pytest.raises(UnknownSignature, match="doesn't say what its outputs are") as refused:
        converted(file)
    assert "Nobody reads scores, parts." in str(refused.value.hint)


@pytest.mark.parametrize(
    ("outputs", "inputs", "said"),
    [
        (["score"], [], r'no node \'score\'\. Did you mean "scores"\?'),
        (["parts:2"], [], r"no tensor 'parts:2': parts has 2 outputs\n"),
        (["scores:1"], [], r"no tensor 'scores:1': scores has 1 output\n"),
        (["scores"], ["imag"], r'no node \'imag\'\. Did you mean "image"\?'),
        (["scores"], ["parts:1"], "one of several outputs"),
        (["scores"], ["image", "words", "parts"], "parts can't be an input: it has several outputs"),
        (["scores"], ["image"], "also of words"),
    ],
)
def test_names_that_dont_fit(file: Path, outputs: list[str], inputs: list[str], said: str) -> None:
    with pytest.raises((UnknownSignature, ConversionFailed), match=said) as refused:
        converted(file, *outputs, inputs=inputs)
    assert refused.value.hint


def test_what_isnt_frozen(model: SessionModel, tmp_path: Path) -> None:
    file = written(tmp_path / "g.pb", model.graph.as_graph_def())
    with pytest.raises(ConversionFailed, match=r"isn't frozen: .*dense/bias.* are variables") as refused:
        converted(file, "scores")
    assert "checkpoint" in str(refused.value.hint)
    converted(file, "heat", inputs=["pool"])  # which needs none of them


def test_ops_that_touch_files_but_for_those_that_nothing_needs(tmp_path: Path) -> None:
    canary = tmp_path / "canary"

    def build(v1: Any) -> None:
        x = v1.placeholder(tf.float32, [2], "x")
        with tf.control_dependencies([tf.io.write_file(str(canary), "was here")]):
            tf.add(x, 1.0, name="bad")
        tf.add(x, tf.cast(tf.strings.length(tf.io.read_file("/etc/hostname")), "float32"), name="worse")
        tf.multiply(x, 2.0, name="good")

    file = written(tmp_path / "g.pb", small(build))
    for output, op in (("bad", "WriteFile"), ("worse", "ReadFile")):
        with pytest.raises(CodeRefused, match=f"was not loaded: .*{op}"):
            converted(file, output)
    ours = converted(file, "good")
    agree(ours, {"x": np.array([1.0, 3.0], np.float32)})
    assert not canary.exists()


def test_compiled_code_and_graphs_of_a_tpu_are_named_with_how_to_export_them(tmp_path: Path) -> None:
    def compiled(v1: Any) -> None:
        x = v1.placeholder(tf.float32, [2, 3], "x")
        xla = importlib.import_module("tensorflow.compiler.tf2xla.python.xla")
        (y,) = xla.call_module([x], version=9, module=b"ML", Sout=[[2, 3]], Tout=[tf.float32], platforms=["CPU"])
        tf.identity(y, "y")

    def called(v1: Any) -> None:
        x = v1.placeholder(tf.float32, [2, 3], "x")
        body = tf.function(tf.nn.relu).get_concrete_function(tf.TensorSpec([2, 3]))
        body.add_to_graph()
        (y,) = tf.raw_ops.TPUPartitionedCall(args=[x], device_ordinal=tf.constant(0), Tout=[tf.float32], f=body)
        tf.identity(y, "y")

    for build, words, advice in (
        (compiled, "XlaCallModule ×1 on webgl", "enable_xla=False"),
        (
            called,
            "the graph has 1 call of a function that can't be taken in: TPUPartitionedCall",
            "without TPUStrategy",
        ),
    ):
        model = written(tmp_path / "m.pb", small(build))
        with pytest.raises(TfjsciError, match=words) as refused:
            api.convert(model, tmp_path / "out", output_nodes=["y"])
        assert advice in str(refused.value.hint)
    assert not (tmp_path / "out").exists()


def test_damaged(file: Path, tmp_path: Path) -> None:
    data = file.read_bytes()
    (tmp_path / "cut.pb").write_bytes(data[: len(data) // 2])
    with pytest.raises(CorruptModel, match=r"cut\.pb can't be read as a GraphDef") as refused:
        converted(tmp_path / "cut.pb", "scores")
    assert refused.value.hint
    for name, content in (("empty.pb", b""), ("zeros.pb", bytes(64)), ("saved.pb", b"\x08\x01\x12\x00")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CorruptModel, match="can't be read as a GraphDef"):
            converted(tmp_path / name, "scores")
    with pytest.raises(MissingModel):
        converted(tmp_path / "missing.pb", "scores")
    rng = np.random.default_rng(0)
    for _ in range(25):  # whatever is wrong with it, it is a reason and no crash
        flipped = bytearray(data)
        for place in rng.integers(0, 3000, 3):
            flipped[place] ^= 1 << int(rng.integers(0, 8))
        (tmp_path / "flipped.pb").write_bytes(flipped)
        try:
            converted(tmp_path / "flipped.pb", "scores")
        except TfjsciError as error:
            assert error.exit_code == 1, error  # noqa: PT017


def test_variables_by_initialiser_are_the_same(model: SessionModel) -> None:
    """The maker of these tests' models gives each variable its values, in parts as whole."""
    with two_headed(resource=True, partitions=3) as other:
        for name in ("scores", "lower"):
            ours, theirs = (
                each.session.run(each.outputs[name], {each.inputs[k]: v for k, v in given().items()})
                for each in (model, other)
            )
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)
