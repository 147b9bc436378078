"""TensorArrays of TensorFlow 1 as lists: what is threaded through their ops as a number, the flow, becomes the list itself.

A TensorArray is a resource that ops change; each of its ops takes the flow of the one before and gives one on. The TensorList
ops of TensorFlow 2 take the list and give the changed one, so that nothing of a resource is left.
Source: tensorflow/core/ops/data_flow_ops.cc and list_ops.cc.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfjsci.errors import ConversionFailed
from tfjsci.graph.graph import normal
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.functional.draft import ENTERS, EXITS, FIRST, SWITCHES, Draft, variant

_HAND_ON = FIRST | {"Identity"}
_PREFIX = "TensorArray"


def take_tensor_arrays(draft: Draft) -> None:
    """Replace them in place. Raises ``ConversionFailed`` for those that grow, and for ops that lists haven't got."""
    for node in list(draft.nodes.values()):
        if node.op.startswith(_PREFIX):
            replace = _REPLACED.get(node.op)
            if replace is None:
                raise ConversionFailed(
                    f"{node.op} {node.name} does with a TensorArray what can't be done with a list",
                    hint="Write it with TensorArray.read, write, stack and unstack.",
                )
            replace(draft, node)
    _lists_are_threaded(draft)


def _made(draft: Draft, node: Any) -> None:
    """TensorArrayV3(size): its second output, the flow, is now the list; whoever reads its first reads a resource."""
    if node.attr["dynamic_size"].b:
        raise ConversionFailed(
            f"the TensorArray {node.name} grows while it is written, which the runtime's lists can't",
            hint="Give it its size: tf.TensorArray(dtype, size=n).",
        )
    element, shape = node.attr["dtype"].type, _element_shape(draft, node, node.attr["element_shape"].shape)
    (size,) = draft.inputs(node)
    made = draft.added(f"{node.name}/list", "TensorListReserve", [shape, size])
    made.attr["element_dtype"].type = element
    made.attr["shape_type"].type = _int32()
    draft.types[made.name] = variant()
    _read_instead(draft, f"{node.name}:1", made.name)


def _write(draft: Draft, node: Any) -> None:
    _, index, value, flow = draft.inputs(node)
    dtype = node.attr["T"].type
    _become(node, "TensorListSetItem", [flow, index, value], element_dtype=dtype)
    draft.types[node.name] = variant()


def _read(draft: Draft, node: Any) -> None:
    _, index, flow = draft.inputs(node)
    dtype = node.attr["dtype"].type
    shape = _element_shape(draft, node, None)
    _become(node, "TensorListGetItem", [flow, index, shape], element_dtype=dtype)


def _gather(draft: Draft, node: Any) -> None:
    handle, indices, flow = draft.inputs(node)
    dtype = node.attr["dtype"].type
    shape = _element_shape(draft, node, node.attr["element_shape"].shape)
    if (length := _range_from_start(draft, indices)) is not None and _is_size(draft, length, handle):
        _become(node, "TensorListStack", [flow, shape], element_dtype=dtype)
        node.attr["num_elements"].i = -1
    else:
        _become(node, "TensorListGather", [flow, indices, shape], element_dtype=dtype)


def _scatter(draft: Draft, node: Any) -> None:
    _, indices, value, _ = draft.inputs(node)
    dtype = node.attr["T"].type
    if _range_from_start(draft, indices) is None:  # as many as the value has, or TensorFlow refuses it
        raise ConversionFailed(
            f"{node.op} {node.name} writes to places of a TensorArray that aren't all of them in their order",
            hint="Write them one by one, or all: TensorArray.write or unstack.",
        )
    shape = _element_shape(draft, node, None)
    _become(node, "TensorListFromTensor", [value, shape], element_dtype=dtype)
    node.attr["shape_type"].type = _int32()
    draft.types[node.name] = variant()


def _concat(draft: Draft, node: Any) -> None:
    """The sizes of what is joined, but for the first, are the array's own, or not known."""
    _, flow = draft.inputs(node)
    dtype = node.attr["dtype"].type
    shape, leading = _element_shape(draft, node, None), draft.added(f"{node.name}/leading", "Const", [])
    leading.attr["dtype"].type = _int64()
    leading.attr["value"].tensor.CopyFrom(tensorflow().make_tensor_proto([], tensorflow().int64, [0]))
    draft.types[leading.name] = _int64()
    _become(node, "TensorListConcatV2", [flow, shape, leading.name], element_dtype=dtype, shape_type=_int32())


def _split(draft: Draft, node: Any) -> None:
    _, value, lengths, _ = draft.inputs(node)
    dtype = node.attr["T"].type
    shape = _element_shape(draft, node, None)
    _become(node, "TensorListSplit", [value, shape, lengths], element_dtype=dtype, shape_type=_int32())
    draft.types[node.name] = variant()


def _size(draft: Draft, node: Any) -> None:
    _, flow = draft.inputs(node)
    _become(node, "TensorListLength", [flow])


_REPLACED: dict[str, Callable[[Draft, Any], None]] = {
    "TensorArrayV3": _made,
    "TensorArrayWriteV3": _write,
    "TensorArrayReadV3": _read,
    "TensorArrayGatherV3": _gather,
    "TensorArrayScatterV3": _scatter,
    "TensorArrayConcatV3": _concat,
    "TensorArraySplitV3": _split,
    "TensorArraySizeV3": _size,
}


def _become(node: Any, op: str, inputs: list[str], **types: int) -> None:
    control = [tensor for tensor in node.input if tensor.startswith("^")]
    node.op = op
    del node.input[:]
    node.input.extend([*inputs, *control])
    node.attr.clear()
    for name, value in types.items():
        node.attr[name].type = value


def _element_shape(draft: Draft, node: Any, shape: Any) -> str:
    """A Const with the sizes of one element, -1 for those unknown; -1 alone: not even how many there are."""
    tf = tensorflow()
    known = shape is not None and not shape.unknown_rank
    sizes = [dimension.size for dimension in shape.dim] if known else []
    made = draft.added(f"{node.name}/element_shape", "Const", [])
    made.attr["dtype"].type = _int32()
    made.attr["value"].tensor.CopyFrom(
        tf.make_tensor_proto(sizes if known else -1, tf.int32, [len(sizes)] if known else [])
    )
    draft.types[made.name] = _int32()
    return str(made.name)


def _range_from_start(draft: Draft, indices: str) -> str | None:
    """The tensor that says how many, where ``indices`` are 0, 1, 2 …"""
    node = draft.maker(_behind(draft, indices))
    if node.op != "Range":
        return None
    start, length, step = draft.inputs(node)
    return length if _number(draft, start) == 0 and _number(draft, step) == 1 else None


def _is_size(draft: Draft, length: str, handle: str) -> bool:
    """Whether ``length`` is how many elements the array has."""
    length = _behind(draft, length)
    if draft.maker(length).op in ("TensorArraySizeV3", "TensorListLength"):
        return True
    array = draft.maker(_behind(draft, handle))
    if array.op != "TensorArrayV3":
        return False
    size = _behind(draft, next(draft.inputs(array)))
    return size == length or (_number(draft, size) is not None and _number(draft, size) == _number(draft, length))


def _behind(draft: Draft, tensor: str) -> str:
    """Seen through what only hands a tensor on."""
    while (node := draft.maker(tensor)).op in ENTERS | EXITS | SWITCHES | {"Identity"}:
        tensor = next(draft.inputs(node))
    return tensor


def _number(draft: Draft, tensor: str) -> int | None:
    """The only number of a Const."""
    node = draft.maker(tensor)
    if node.op != "Const":
        return None
    value = tensorflow().make_ndarray(node.attr["value"].tensor)
    return int(value.reshape(-1)[0]) if value.size == 1 and value.dtype.kind in "iu" else None


def _read_instead(draft: Draft, tensor: str, other: str) -> None:
    for node in draft.nodes.values():
        if tensor in node.input:
            inputs = [other if each == tensor else each for each in node.input]
            del node.input[:]
            node.input.extend(inputs)


def _lists_are_threaded(draft: Draft) -> None:
    """What hands a flow on hands a list on."""
    lists = {tensor for tensor, dtype in draft.types.items() if dtype == variant()}
    changed = True
    while changed:
        changed = False
        for node in draft.nodes.values():
            if node.op not in _HAND_ON or node.name in lists or not lists.intersection(draft.inputs(node)):
                continue
            node.attr["T"].type = variant()
            outputs = [node.name] if node.op in ("Merge", "RefMerge") else [node.name, f"{node.name}:1"]
            for tensor in outputs:
                if normal(tensor) in draft.types:
                    draft.types[normal(tensor)] = variant()
            lists |= set(outputs)
            changed = True


def _int32() -> int:
    return int(tensorflow().int32.as_datatype_enum)


def _int64() -> int:
    return int(tensorflow().int64.as_datatype_enum)
