"""check_ops: everything at once, grouped, by backend, in functions as well; and nets that run are let pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tfjsci.catalog.catalog import load_catalog
from tfjsci.catalog.check import OpCheck, UnsupportedOp, check_ops, problems_of
from tfjsci.converter import require_supported
from tfjsci.dtypes import BACKENDS
from tfjsci.errors import UnsupportedOps
from tfjsci.graph.graph import AttrValue, Constant, DType, FunctionBody, FunctionName, Graph, Node, TensorType

FLOAT = DType("float32")


def graph(
    *nodes: Node, constants: dict[str, Any] | None = None, types: dict[str, Any] | None = None, **more: Any
) -> Graph:
    values = {name: Constant(value=np.array(value)) for name, value in (constants or {}).items()}
    known = {name: TensorType(dtype=dtype, shape=shape) for name, (dtype, shape) in (types or {}).items()}
    consts = tuple(Node(name=name, op="Const") for name in values)
    return Graph(nodes=(*consts, *nodes), outputs=(nodes[-1].name,), constants=values, types=known, **more)


def placeholder(name: str = "x") -> Node:
    return Node(name=name, op="Placeholder", attrs={"dtype": FLOAT})


def test_empty_answer_for_a_plain_graph() -> None:
    net = graph(placeholder(), Node(name="y", op="Relu", inputs=("x",)), Node(name="z", op="Relu", inputs=("y",)))
    assert check_ops(net, BACKENDS) == OpCheck(ops={"Placeholder": 1, "Relu": 2}, unsupported=())


def test_all_unsupported_ops_at_once_with_nodes_layers_and_count() -> None:
    net = graph(
        placeholder(),
        Node(name="gelu/Erfc", op="Erfc", inputs=("x",), origin=("gelu",)),
        Node(name="act/Softsign", op="Softsign", inputs=("gelu/Erfc",), origin=("act", "act_1")),
        Node(name="gelu_1/Erfc", op="Erfc", inputs=("act/Softsign",), origin=("gelu_1", "gelu")),
    )
    found = check_ops(net, ["webgl", "wasm"]).unsupported
    assert [(u.op, u.nodes, u.layers, u.count, u.backends, u.reason) for u in found] == [
        (
            "Erfc",
            ("gelu/Erfc", "gelu_1/Erfc"),
            ("gelu", "gelu_1"),
            2,
            ("webgl", "wasm"),
            "TensorFlow.js 4.22.0 has no such op",
        ),
        (
            "Softsign",
            ("act/Softsign",),
            ("act", "act_1"),
            1,
            ("webgl", "wasm"),
            "TensorFlow.js 4.22.0 has no such op",
        ),
    ]
    assert "1 - Erf(x)" in found[0].hint


def test_custom_ops_run_wherever_they_are_declared() -> None:
    net = graph(
        placeholder(),
        Node(name="a", op="MatrixInverse", inputs=("x",)),
        Node(name="b", op="Unique", inputs=("a",)),
        Node(name="c", op="Qr", inputs=("b",)),
    )
    custom = load_catalog().with_custom(["MatrixInverse", "Unique"])
    checked = check_ops(net, BACKENDS, custom)
    assert [found.op for found in checked.unsupported] == ["Qr"]
    assert checked.ops["MatrixInverse"] == 1
    assert problems_of(net, net["a"], BACKENDS, custom) == []
    assert problems_of(net, net["a"], BACKENDS) != [], "the shipped catalogue knows of none"


def test_only_the_backends_asked_for_count() -> None:
    net = graph(placeholder(), Node(name="y", op="Unique", inputs=("x",)))
    assert check_ops(net, ["webgl", "wasm", "cpu"]).unsupported == ()
    (found,) = check_ops(net, BACKENDS).unsupported
    assert found.backends == ("webgpu",)
    assert found.reason == "throws: the backend has no kernel Unique"
    assert "Run it on webgl or wasm or cpu" in found.hint


def test_backends_that_lack_the_same_kernels_share_an_entry_and_others_have_their_own() -> None:
    net = graph(placeholder(), Node(name="y", op="StaticRegexReplace", inputs=("x",), attrs={"pattern": b"a"}))
    assert [(u.op, u.backends) for u in check_ops(net, BACKENDS).unsupported] == [
        ("StaticRegexReplace", ("webgpu", "wasm"))
    ]
    flag = graph(placeholder(), Node(name="y", op="StaticRegexReplace", inputs=("x",), attrs={"pattern": b"(?i)a"}))
    assert [(u.reason, u.backends) for u in check_ops(flag, BACKENDS).unsupported] == [
        ("throws or silently wrong: JavaScript has no such regular expression (it has '(?i')", ("webgl", "cpu")),
        ("throws: the backend has no kernel StaticRegexReplace", ("webgpu", "wasm")),
    ]


def test_every_reason_of_an_op_has_an_entry() -> None:
    attrs: dict[str, AttrValue] = {
        "T": FLOAT,
        "strides": (1, 2, 2, 1),
        "dilations": (1, 2, 2, 1),
        "data_format": b"NHWC",
    }
    net = graph(
        placeholder(),
        Node(name="both", op="Conv2D", inputs=("x", "k"), attrs=attrs),
        Node(name="grouped", op="Conv2D", inputs=("x", "k"), attrs={**attrs, "dilations": (1, 1, 1, 1)}),
        Node(name="sum", op="AddV2", inputs=("both", "grouped")),
        constants={"k": np.zeros((3, 3, 3, 4), np.float32)},
        types={"x": ("float32", (None, 8, 8, 6))},
    )
    assert [(u.op, u.reason, u.nodes) for u in check_ops(net, ["cpu"]).unsupported] == [
        ("Conv2D", "throws: strides and dilations can't both be above 1", ("both",)),
        (
            "Conv2D",
            "throws: the runtime has no grouped convolution (the input has 6 channels, the filter 3)",
            ("both", "grouped"),
        ),
    ]


def body(name: str, op: str, calls: str | None = None) -> FunctionBody:
    attrs = {"body": FunctionName(calls)} if calls else {}
    inside = Graph(nodes=(placeholder("a"), Node(name="y", op=op, inputs=("a",), attrs=attrs)), outputs=("y",))
    return FunctionBody(name=name, inputs=("a",), graph=inside)


def test_function_bodies_are_checked_and_named_and_others_are_not() -> None:
    loop = Node(
        name="loop", op="While", inputs=("x",), attrs={"cond": FunctionName("go"), "body": FunctionName("step")}
    )
    functions = {f.name: f for f in (body("go", "Erfc"), body("step", "While", "inner"), body("inner", "Erfc"))}
    functions["unreached"] = body("unreached", "Qr")
    checked = check_ops(graph(placeholder(), loop, functions=functions), ["cpu"])
    assert [(u.op, u.nodes) for u in checked.unsupported] == [("Erfc", ("go/y", "inner/y"))]
    assert checked.ops == {"Erfc": 2, "Placeholder": 4, "While": 2}


def test_a_function_that_calls_itself_is_read_once() -> None:
    loop = Node(name="loop", op="While", inputs=("x",), attrs={"body": FunctionName("step")})
    net = graph(placeholder(), loop, functions={"step": body("step", "While", "step")})
    assert check_ops(net, ["cpu"]).ops == {"Placeholder": 2, "While": 2}


def test_a_broken_entry_of_the_runtime_is_told_with_what_it_throws() -> None:
    net = graph(placeholder(), Node(name="y", op="EnsureShape", inputs=("x",)))
    (found,) = check_ops(net, ["cpu"]).unsupported
    assert found.reason.startswith("throws: the runtime's own definition of it is broken (")
    assert found.hint.startswith("Remove it")


@pytest.mark.parametrize(
    ("op", "says"),
    [
        ("RandomUniformV9", "Take random layers"),
        ("RaggedTensorToVariant", "dense tensors with padding"),
        ("ReadVariableOp", "inference function"),
        ("NeverHeardOf", "replace the layer"),
    ],
)
def test_every_op_gets_advice(op: str, says: str) -> None:
    (found,) = check_ops(graph(placeholder(), Node(name="y", op=op, inputs=("x",))), ["webgl"]).unsupported
    assert says in found.hint


def test_untrusted_names_are_kept_as_they_are() -> None:
    # Escaping is the renderers' business; the check must neither change nor trip over them.
    name = "a|b`<script>\u202e\n" + "x" * 10_000
    net = graph(placeholder(), Node(name=name, op="<img>", inputs=("x",), origin=(name,)))
    (found,) = check_ops(net, ["webgl"]).unsupported
    assert (found.op, found.nodes, found.layers) == ("<img>", (name,), (name,))


def keras_net() -> Graph:
    """What Keras 3 emits for convolutions, pooling, normalisation, dense layers and attention, after inlining."""
    conv: dict[str, AttrValue] = {
        "T": FLOAT,
        "strides": (1, 2, 2, 1),
        "dilations": (1, 1, 1, 1),
        "padding": b"SAME",
        "data_format": b"NHWC",
    }
    pool: dict[str, AttrValue] = {
        "T": FLOAT,
        "ksize": (1, 2, 2, 1),
        "strides": (1, 2, 2, 1),
        "padding": b"VALID",
        "data_format": b"NHWC",
    }
    fused: dict[str, AttrValue] = {"num_args": 1, "fused_ops": (b"BiasAdd", b"Relu6"), "leakyrelu_alpha": 0.2}
    zeros = {name: np.zeros(shape, np.float32) for name, shape in {
        "k": (3, 3, 3, 8), "dw": (3, 3, 8, 1), "gamma": (8,), "dense": (8, 10), "bias8": (8,), "bias10": (10,),
    }.items()}  # fmt: skip
    return graph(
        placeholder(),
        Node(name="conv", op="_FusedConv2D", inputs=("x", "k", "bias8"), attrs={**conv, **fused}),
        Node(name="dw_out", op="DepthwiseConv2dNative", inputs=("conv", "dw"), attrs={**conv, "dilations": (1, 1, 1, 1)}),
        Node(
            name="bn",
            op="FusedBatchNormV3",
            inputs=("dw_out", "gamma", "gamma", "gamma", "gamma"),
            attrs={"is_training": False, "data_format": b"NHWC", "epsilon": 1e-3},
        ),
        Node(name="dilated", op="Conv2D", inputs=("bn", "k8"), attrs={**conv, "strides": (1,) * 4, "dilations": (1, 2, 2, 1)}),
        Node(name="biased", op="BiasAdd", inputs=("dilated", "bias8"), attrs={"data_format": b"NHWC"}),
        Node(name="max", op="MaxPool", inputs=("biased",), attrs={**pool, "explicit_paddings": ()}),
        Node(name="mean", op="Mean", inputs=("max", "axes"), attrs={"T": FLOAT, "keep_dims": False}),
        Node(name="logits", op="_FusedMatMul", inputs=("mean", "dense", "bias10"), attrs={**fused, "fused_ops": (b"BiasAdd",)}),
        Node(name="soft", op="Softmax", inputs=("logits",), attrs={"T": FLOAT}),
        Node(name="best", op="ArgMax", inputs=("soft", "last"), attrs={"T": FLOAT, "output_type": DType("int64")}),
        Node(name="hot", op="OneHot", inputs=("best", "ten", "one", "zero"), attrs={"T": DType("int32"), "axis": -1}),
        Node(name="row", op="GatherV2", inputs=("dense", "best", "zero"), attrs={"batch_dims": 0}),
        Node(name="part", op="StridedSlice", inputs=("row", "begin", "end", "steps"), attrs={"T": FLOAT, "end_mask": 2}),
        Node(name="float", op="Cast", inputs=("hot",), attrs={"SrcT": DType("int32"), "DstT": FLOAT}),
        Node(name="all", op="ConcatV2", inputs=("float", "part", "last"), attrs={"N": 2}),
        constants={
            **zeros,
            "k8": np.zeros((3, 3, 8, 8), np.float32), "axes": np.asarray([1, 2]), "last": np.int32(-1), "ten": np.int32(10),
            "one": np.int32(1), "zero": np.int32(0), "begin": np.asarray([0, 0]),
            "end": np.asarray([1, 0]), "steps": np.asarray([1, 1]),
        },
        types={
            "x": ("float32", (None, 32, 32, 3)), "conv": ("float32", (None, 16, 16, 8)), "bn": ("float32", (None, 8, 8, 8)),
            "dilated": ("float32", (None, 8, 8, 8)), "best": ("int64", (None,)), "hot": ("int32", (None, 10)),
            "row": ("float32", (None, 10)),
        },
    )  # fmt: skip


def test_a_usual_net_passes_on_every_backend() -> None:
    assert check_ops(keras_net(), BACKENDS).unsupported == ()


def test_unsupported_op_counts_its_nodes() -> None:
    found = UnsupportedOp(op="Qr", reason="r", hint="h", backends=("cpu",), nodes=("a", "b"), layers=())
    assert found.count == 2


def test_the_backends_that_run_all_of_it_are_named_as_they_are_asked_for() -> None:
    """Of those that are wanted; where all can, or none, nothing is offered."""
    text = graph(
        placeholder(),
        Node(name="y", op="StaticRegexReplace", inputs=("x",)),
        Node(name="z", op="StringSplit", inputs=("y", "y", "y")),
    )
    nowhere = graph(placeholder(), Node(name="y", op="Erfc", inputs=("x",)))
    assert check_ops(text, BACKENDS).fewer(BACKENDS) == ("webgl", "cpu")
    assert check_ops(nowhere, BACKENDS).fewer(BACKENDS) == ()
    assert check_ops(graph(placeholder()), BACKENDS).fewer(BACKENDS) == ()
    with pytest.raises(UnsupportedOps) as raised:
        require_supported(check_ops(text, BACKENDS), BACKENDS)
    assert (raised.value.hint or "").splitlines()[-1] == (
        "  webgl and cpu run all of it: --backends webgl,cpu (backends: [webgl, cpu] in a manifest) is for these alone."
    )
    with pytest.raises(UnsupportedOps) as raised:
        require_supported(check_ops(nowhere, BACKENDS), BACKENDS)
    assert "--backends" not in (raised.value.hint or "")
    require_supported(check_ops(text, ["cpu"]), ["cpu"])
