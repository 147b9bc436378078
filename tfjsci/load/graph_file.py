"""A GraphDef in a file, its weights taken out while it is read: one node in memory at a time, and never two copies of all.

A message of protobuf is a row of fields, each a number, a wire type and its bytes; a GraphDef's nodes are fields of the number 1.
Sources: protobuf.dev/programming-guides/encoding, tensorflow/core/framework/graph.proto.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from tfjsci.errors import CorruptModel
from tfjsci.graph.graph import Array
from tfjsci.graph.graphdef import SMALL_BYTES
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.checkpoint import message_error
from tfjsci.load.varint import LONGEST_BYTES, varint, varint_bytes
from tfjsci.quoted import quoted

_NODE = 1
_VARINT, _BYTES = 0, 2
_LONGEST_TEXT_BYTES = 256 << 20

_FIRST_NODE, _NODES_NAME, _NODES_OP = 0x0A, 0x0A, 0x12  # the number in front of the three low bits of the wire type


@dataclass(frozen=True, kw_only=True)
class GraphFile:
    """``graphdef`` has a Placeholder for each Const in ``weights``, of its dtype and shape."""

    graphdef: Any
    weights: dict[str, Array]


def looks_like_graphdef(head: bytes) -> bool:
    """Whether a file that begins so is a GraphDef: binary, or as text."""
    if head.lstrip().startswith((b"node {", b"node{", b"node: {")):
        return True
    try:
        number, place = varint(head, 0)
        _, place = varint(head, place)  # how long the first node is
        name, place = varint(head, place)
        length, place = varint(head, place)
        text = head[place : place + length]
        return (
            number == _FIRST_NODE
            and name == _NODES_NAME
            and head[place + length] == _NODES_OP
            and text.decode().isprintable()
        )
    except (ValueError, IndexError):
        return False


def read_graph_file(file: Path) -> GraphFile:
    """Read a GraphDef, binary or as text. Raises ``CorruptModel``."""
    try:
        with file.open("rb") as opened:
            if opened.read(64).lstrip().startswith(b"node"):
                return _text(file)
            opened.seek(0)
            return _binary(opened, file.stat().st_size)
    except (message_error(), ValueError, TypeError, LookupError, OSError) as error:
        raise CorruptModel(
            f"{file.name} can't be read as a GraphDef: {quoted(error)}",
            hint="It is damaged or cut short (an unfinished download, Git LFS without its content?), or no frozen graph.",
        ) from error


def _binary(file: BinaryIO, size: int) -> GraphFile:
    tf = tensorflow()
    graphdef, weights, rest = tf.compat.v1.GraphDef(), {}, []
    node_def = importlib.import_module("tensorflow.core.framework.node_def_pb2").NodeDef
    for number, content in _fields(file, size):
        if number == _NODE:
            node = node_def.FromString(content)
            if (value := _weight(tf, node)) is not None:
                weights[node.name] = value
                node = _emptied(node)
            graphdef.node.append(node)
        else:
            rest.append(varint_bytes(number << 3 | _BYTES) + varint_bytes(len(content)) + content)
    graphdef.MergeFromString(b"".join(rest))
    if not graphdef.node:
        raise ValueError("it has no nodes")
    return GraphFile(graphdef=graphdef, weights=weights)


def _text(file: Path) -> GraphFile:
    if file.stat().st_size > _LONGEST_TEXT_BYTES:
        raise ValueError(f"as text it may have {_LONGEST_TEXT_BYTES} bytes at most: write it binary")
    tf = tensorflow()
    text_format = importlib.import_module("google.protobuf.text_format")
    graphdef = tf.compat.v1.GraphDef()
    try:
        text_format.Parse(file.read_text("utf-8"), graphdef)
    except text_format.ParseError as error:
        raise ValueError(str(error)) from error
    weights = {node.name: value for node in graphdef.node if (value := _weight(tf, node)) is not None}
    return GraphFile(graphdef=graphdef, weights=weights)


def _weight(tf: Any, node: Any) -> Array | None:
    """The value of a Const that is a weight, which is a Placeholder then; None of what Grappler should see.

    Weights are float tensors that aren't scalars, and whatever is large; sizes, axes and the like stay.
    """
    if node.op != "Const":
        return None
    tensor = node.attr["value"].tensor
    shape = tuple(dimension.size for dimension in tensor.tensor_shape.dim)
    dtype = tf.as_dtype(node.attr["dtype"].type)
    size = int(np.prod(shape, dtype=np.int64)) * max(dtype.size or 1, 1)
    if dtype == tf.string or not shape or (size <= SMALL_BYTES and not dtype.is_floating):
        return None
    value: Array = tf.make_ndarray(tensor)
    node.op = "Placeholder"
    del node.input[:]
    kept = node.attr["dtype"].type
    node.attr.clear()
    node.attr["dtype"].type = kept
    node.attr["shape"].shape.CopyFrom(tf.TensorShape(value.shape).as_proto())
    return value


def _emptied(node: Any) -> Any:
    """A copy: a message keeps the memory of what was once in it."""
    copied = type(node)()
    copied.CopyFrom(node)
    return copied


def _fields(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    """The number and the content of each field of a GraphDef that has one; a plain number among them is passed over."""
    while file.tell() < size:
        start = file.tell()
        tag = _read_varint(file)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT and number != _NODE:  # the producer's version, before there was a message for it
            _read_varint(file)
            continue
        if wire != _BYTES:
            raise ValueError(f"at byte {start} is no field of a GraphDef")
        length = _read_varint(file)
        if length > size - file.tell():
            raise ValueError(f"it ends in the middle of a field: {length - size + file.tell()} bytes are missing")
        yield number, file.read(length)


def _read_varint(file: BinaryIO) -> int:
    digits = b""
    while not digits or digits[-1] >= 0x80:
        digit = file.read(1)
        if not digit:
            raise ValueError("it ends in the middle of a number")
        digits += digit
        if len(digits) > LONGEST_BYTES:
            raise ValueError("a number in it is longer than any")
    return varint(digits, 0)[0]
