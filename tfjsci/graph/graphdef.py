"""The edge between TensorFlow's GraphDef and our graph: one way in, one way out. Weights are never in the GraphDef."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tfjsci.graph.functiondef import graphdef_to_function
from tfjsci.graph.graph import (
    Array,
    AttrValue,
    Constant,
    DType,
    FunctionBody,
    FunctionName,
    Graph,
    GraphError,
    Node,
    Scalar,
    Shape,
    ShapeAttr,
    TensorType,
    node_of,
    normal,
)
from tfjsci.graph.plain_types import all_plain
from tfjsci.graph.shape_proto import shape_in
from tfjsci.graph.tables import is_table
from tfjsci.graph.tensorflow import tensorflow

SMALL_BYTES = 1024
"""Constants up to this size go back into a GraphDef, so that shapes can be inferred from them; larger ones are fed."""


def from_graphdef(
    graphdef: Any,
    *,
    outputs: Iterable[str],
    weights: Mapping[str, Constant] = {},
    origins: Mapping[str, tuple[str, ...]] = {},
    functions: Mapping[str, FunctionBody] = {},
) -> Graph:
    """A GraphDef as a :class:`Graph`, with the ``functions`` that its nodes name.

    ``weights`` maps Placeholder names to the values that they stand for: they become Consts. ``origins`` maps node
    names to the layers they came from. A control edge to a node that isn't there is dropped: it orders nothing.
    Raises ``GraphError`` when the graph can't be.
    """
    tf = tensorflow()
    names = {node.name for node in graphdef.node}
    nodes, constants = [], {}
    for node in graphdef.node:
        op = node.op
        if node.name in weights:
            if op != "Placeholder":
                raise GraphError(f"the weight {node.name!r} is a {op}, not a Placeholder")
            op = "Const"
            constants[node.name] = weights[node.name]
        elif op == "Const":
            constants[node.name] = Constant(value=_frozen(tf.make_ndarray(node.attr["value"].tensor)))
        data = tuple(normal(i) for i in node.input if not i.startswith("^"))
        control = tuple(i[1:].partition(":")[0] for i in node.input if i.startswith("^"))
        attrs: dict[str, AttrValue] = (
            {"dtype": DType(_dtype_in(tf, node.attr["dtype"].type))}
            if op == "Const"
            else {key: _attr_in(tf, value) for key, value in sorted(node.attr.items()) if not key.startswith("_")}
        )
        nodes.append(
            Node(
                name=node.name,
                op=op,
                inputs=data,
                control=tuple(c for c in dict.fromkeys(control) if c in names),
                attrs=attrs,
                origin=origins.get(node.name, ()),
            )
        )
    return Graph(
        nodes=tuple(nodes), outputs=tuple(normal(o) for o in outputs), constants=constants, functions=functions
    )


def to_graphdef(graph: Graph, *, keep_bytes: int | None = SMALL_BYTES, with_functions: bool = True) -> Any:
    """The graph as a GraphDef; Consts of more than ``keep_bytes`` (None: no limit) become Placeholders like them.

    Those of its functions stay, since nobody can feed them. Shapes can be inferred without the functions. A look-up table is
    filled before anybody reads it.
    """
    tf = tensorflow()
    out = tf.compat.v1.GraphDef()
    out.versions.producer = tf.version.GRAPH_DEF_VERSION  # to older ones a Placeholder's shape of () meant: unknown
    filled: dict[str, str] = {}
    for node in graph.nodes:
        if is_table(node):
            filled[node.name] = graph.fresh(f"{node.name}/filled", filled.values())
            _table_out(tf, out, node, filled[node.name])
            continue
        made = out.node.add(name=node.name, op=node.op)
        before = [filled[node_of(tensor)] for tensor in node.inputs if node_of(tensor) in filled]
        made.input.extend([*node.inputs, *(f"^{name}" for name in (*node.control, *before))])
        if node.op == "Const":
            value = graph.constants[node.name].value
            dtype = tf.as_dtype("string" if value.dtype.kind in "OSU" else value.dtype)
            made.attr["dtype"].type = dtype.as_datatype_enum
            if keep_bytes is None or value.nbytes <= keep_bytes or dtype == tf.string:
                _tensor_out(tf, made.attr["value"].tensor, value, dtype)
            else:
                made.op = "Placeholder"
                made.attr["shape"].shape.CopyFrom(tf.TensorShape(value.shape).as_proto())
            continue
        for key, attr in node.attrs.items():
            _attr_out(tf, made.attr[key], attr)
    for body in graph.functions.values() if with_functions else ():
        out.library.function.append(_function_out(tf, body))
    return out


def _tensor_out(tf: Any, proto: Any, value: Array, dtype: Any) -> None:
    """A value; numbers byte by byte, which takes a tenth of the time that ``make_tensor_proto`` takes."""
    if value.dtype.kind not in "biuf" or not value.dtype.isnative:
        proto.CopyFrom(tf.make_tensor_proto(value, dtype=dtype))
        return
    proto.dtype = dtype.as_datatype_enum
    proto.tensor_shape.SetInParent()
    for size in value.shape:
        proto.tensor_shape.dim.add(size=size)
    proto.tensor_content = value.tobytes()


def _table_out(tf: Any, out: Any, node: Node, filler: str) -> None:
    """A table and the op that fills it. It is TensorFlow's mutable one, whose look-ups have a shape that can be inferred.

    It has no kernels for some dtypes, which the other one has.
    """
    types = [_enum_of(tf, node.attrs[name]) for name in ("key_dtype", "value_dtype")]
    key, value = (tf.as_dtype(each).name for each in types)
    table = out.node.add(name=node.name, op="MutableHashTableV2" if value in _MUTABLE.get(key, ()) else node.op)
    table.attr["key_dtype"].type, table.attr["value_dtype"].type = types
    filling = out.node.add(name=filler, op="LookupTableImportV2")
    filling.input.extend([node.name, *node.inputs])
    filling.attr["Tin"].type, filling.attr["Tout"].type = types


_MUTABLE = {
    "int32": {"float32", "float64", "int32"},
    "int64": {"float32", "float64", "int32", "int64", "string"},
    "string": {"bool", "float32", "float64", "int32", "int64"},
}
"""TensorFlow's MutableHashTableV2: keys -> values of its kernels on the CPU."""


def _enum_of(tf: Any, attr: AttrValue) -> int:
    assert isinstance(attr, DType)
    return int(tf.as_dtype(attr.name).as_datatype_enum)


def _function_out(tf: Any, body: FunctionBody) -> Any:
    known = infer_types(body.graph)
    types = {
        tensor: tf.as_dtype(known[tensor].dtype).as_datatype_enum for tensor in (*body.inputs, *body.graph.outputs)
    }
    return graphdef_to_function(body, to_graphdef(body.graph, keep_bytes=None), types)


def written_with() -> str:
    """The TensorFlow at work, for an artifact's ``generatedBy``."""
    return f"TensorFlow {tensorflow().__version__}"


def infer_types(graph: Graph) -> dict[str, TensorType]:
    """The dtype and shape of every tensor of a graph, as TensorFlow infers them; it is asked where that isn't plain."""
    plain = all_plain(graph)
    return infer_in_tensorflow(graph) if plain is None else plain


def infer_in_tensorflow(graph: Graph) -> dict[str, TensorType]:
    """The same, by TensorFlow's own shape functions in any case."""
    tf = tensorflow()
    with tf.Graph().as_default() as imported:
        tf.graph_util.import_graph_def(to_graphdef(graph, with_functions=False), name="")
    types = {}
    for op in imported.get_operations():
        for i, tensor in enumerate(op.outputs):
            shape: Shape = None if tensor.shape.rank is None else tuple(tensor.shape.as_list())
            types[op.name if i == 0 else f"{op.name}:{i}"] = TensorType(dtype=tensor.dtype.base_dtype.name, shape=shape)
    return types


def _frozen(value: Array) -> Array:
    return np.array(value)  # a copy: the protobuf's buffer must not be shared


def _dtype_in(tf: Any, enum: int) -> str:
    return str(tf.as_dtype(enum).base_dtype.name)


def _attr_in(tf: Any, value: Any) -> AttrValue:
    kind = value.WhichOneof("value")
    if kind == "list":
        items = value.list
        for field, read in (("s", bytes), ("i", int), ("f", float), ("b", bool)):
            if getattr(items, field):
                return tuple(read(x) for x in getattr(items, field))
        if items.type:
            return tuple(DType(_dtype_in(tf, t)) for t in items.type)
        if items.shape:
            return tuple(ShapeAttr(shape_in(s)) for s in items.shape)
        if items.func:
            return tuple(FunctionName(f.name) for f in items.func)
        return ()
    simple: dict[str, Any] = {"s": bytes, "i": int, "f": float, "b": bool}
    if kind in simple:
        scalar: Scalar = simple[kind](getattr(value, kind))
        return scalar
    if kind == "type":
        return DType(_dtype_in(tf, value.type))
    if kind == "shape":
        return ShapeAttr(shape_in(value.shape))
    if kind == "func":
        return FunctionName(value.func.name)
    raise GraphError(f"an attribute of kind {kind!r} can't be held")


def _attr_out(tf: Any, proto: Any, value: AttrValue) -> None:
    if isinstance(value, tuple):
        proto.list.SetInParent()
        for item in value:
            if isinstance(item, bool):
                proto.list.b.append(item)
            elif isinstance(item, int):
                proto.list.i.append(item)
            elif isinstance(item, float):
                proto.list.f.append(item)
            elif isinstance(item, bytes):
                proto.list.s.append(item)
            elif isinstance(item, DType):
                proto.list.type.append(tf.as_dtype(item.name).as_datatype_enum)
            elif isinstance(item, ShapeAttr):
                proto.list.shape.add().CopyFrom(tf.TensorShape(item.shape).as_proto())
            else:
                proto.list.func.add(name=item.name)
    elif isinstance(value, bool):
        proto.b = value
    elif isinstance(value, int):
        proto.i = value
    elif isinstance(value, float):
        proto.f = value
    elif isinstance(value, bytes):
        proto.s = value
    elif isinstance(value, DType):
        proto.type = tf.as_dtype(value.name).as_datatype_enum
    elif isinstance(value, ShapeAttr):
        proto.shape.CopyFrom(tf.TensorShape(value.shape).as_proto())
    else:
        proto.func.name = value.name
