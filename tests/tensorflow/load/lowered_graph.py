"""A converted graph's answers without a browser: its fused ops are taken apart again and TensorFlow computes the rest.

Taking apart is done here from what the runtime's documentation says of each fused op, not from the rules that fused.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tfjsci.converter import Converted, convert
from tfjsci.graph.graph import Array, Graph
from tfjsci.graph.graphdef import to_graphdef
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.load import LoadOptions

PLAIN = {
    "_FusedConv2D": "Conv2D",
    "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative",
    "_FusedMatMul": "MatMul",
}
FUSION_ATTRS = ("fused_ops", "num_args", "leakyrelu_alpha", "epsilon", "TArgs")


def converted(
    source: Path, *, signature: str | None = None, format_: str = "auto", allow_code: bool = False, **more: Any
) -> Converted:
    """As the commands convert, for the cpu backend."""
    options = LoadOptions(signature=signature, allow_code=allow_code, **more)
    return convert(source, backends=["cpu"], format=format_, options=options)


def answers(model: Converted, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The outputs by name that the rewritten graph gives for ``arrays`` by input name."""
    tf = tensorflow()
    with tf.Graph().as_default() as graph:
        tf.graph_util.import_graph_def(lowered(model.graph), name="")
        feed = {graph.get_tensor_by_name(spec.tensor): arrays[spec.name] for spec in model.inputs}
        config = tf.compat.v1.ConfigProto()
        config.graph_options.rewrite_options.disable_meta_optimizer = True  # it would fuse again, and not always can
        with tf.compat.v1.Session(graph=graph, config=config) as session:
            values = session.run([spec.tensor for spec in model.outputs], feed)
    return {spec.name: np.asarray(value) for spec, value in zip(model.outputs, values, strict=True)}


def lowered(graph: Graph) -> Any:
    """The graph as a GraphDef of TensorFlow's own plain ops."""
    tf = tensorflow()
    plain = tf.compat.v1.GraphDef()
    for node in to_graphdef(graph, keep_bytes=None).node:
        if node.op == "Prelu":
            _prelu(plain, node)
        elif node.op in PLAIN:
            _take_apart(plain, node)
        else:
            plain.node.add().CopyFrom(node)
    return plain


def _take_apart(plain: Any, node: Any) -> None:
    fused = [name.decode() for name in node.attr["fused_ops"].list.s]
    alpha = node.attr["leakyrelu_alpha"].f
    first = plain.node.add()
    first.CopyFrom(node)
    first.op = PLAIN[node.op]
    del first.input[2:]
    for name in FUSION_ATTRS:
        first.attr.pop(name, None)
    rest = list(node.input[2:])
    previous = first
    for step in fused:
        previous.name = f"{node.name}/before_{step}"
        made = plain.node.add(name=node.name, op=step, input=[previous.name])
        made.attr["T"].type = node.attr["T"].type
        if step in {"BiasAdd", "Prelu"}:
            made.input.append(rest.pop(0))
        if step == "LeakyRelu":
            made.attr["alpha"].f = alpha
        if step == "Prelu":
            plain.node.remove(made)
            _prelu(plain, made)
            made = plain.node[-1]
        previous = made
    assert not rest, f"{node.name} has inputs that no fused op takes: {rest}"


def _prelu(plain: Any, node: Any) -> None:
    """Relu(x) - alpha * Relu(-x)"""
    x, alpha = node.input
    kind = node.attr["T"].type or 1
    for name, op, inputs in (
        ("positive", "Relu", [x]),
        ("minus", "Neg", [x]),
        ("negative", "Relu", [f"{node.name}/minus"]),
        ("scaled", "Mul", [f"{node.name}/negative", alpha]),
        ("", "Sub", [f"{node.name}/positive", f"{node.name}/scaled"]),
    ):
        made = plain.node.add(name=f"{node.name}/{name}" if name else node.name, op=op, input=inputs)
        made.attr["T"].type = kind


def agree(model: Converted, arrays: Mapping[str, Array], *, atol: float = 1e-5) -> dict[str, Array]:
    """Check that graph and original give the same names in the same order, and the same numbers; return the original's."""
    original = model.loaded.original(arrays)
    ours = answers(model, arrays)
    assert list(ours) == [spec.name for spec in model.outputs]
    assert set(original) == set(ours)
    for name, value in original.items():
        assert ours[name].shape == value.shape, name
        np.testing.assert_allclose(
            ours[name].astype(np.float64), value.astype(np.float64), atol=atol, rtol=1e-4, err_msg=name
        )
    assert any(np.ptp(value.astype(np.float64)) > 0 or value.size == 1 for value in original.values()), (
        "flat: proves nothing"
    )
    return original


def random_inputs(model: Converted, *, rows: int = 3, sizes: Mapping[str, tuple[int, ...]] = {}) -> dict[str, Array]:
    """Seeded values for every input; a dynamic dimension is ``rows`` unless ``sizes`` has the input's shape."""
    rng = np.random.default_rng(7)
    made: dict[str, Array] = {}
    for spec in model.inputs:
        shape = sizes.get(spec.name) or tuple(size or rows for size in spec.shape or ())
        if spec.dtype.startswith(("int", "uint")):
            made[spec.name] = rng.integers(0, 5, shape).astype(spec.dtype)
        elif spec.dtype == "bool":
            made[spec.name] = rng.random(shape) < 0.5
        else:
            made[spec.name] = rng.normal(size=shape).astype(tensorflow().as_dtype(spec.dtype).as_numpy_dtype)
    return made
