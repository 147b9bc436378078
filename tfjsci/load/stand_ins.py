"""Placeholders that stand for weights and look-up tables while Grappler works, which never sees what they hold."""

from __future__ import annotations

import re
from typing import Any

from tfjsci.graph.graph import Constant, normal, unused_name
from tfjsci.graph.tables import TableContents
from tfjsci.graph.tensorflow import tensorflow


class StandIns:
    """New Placeholders in a GraphDef, one for each weight that is read and each table that is asked, and their values."""

    def __init__(self, graphdef: Any, taken: set[str]) -> None:
        self._graphdef = graphdef
        self._taken = taken
        self._named: dict[str, str] = {}
        self.values: dict[str, Constant] = {}
        self.tables: dict[str, TableContents] = {}

    def table(self, handle: str, contents: TableContents) -> str:
        """The Placeholder that stands for this table."""
        if handle not in self._named:
            name = self.unused(contents.path)
            self._named[handle] = name
            self.tables[name] = contents
            made = self._graphdef.node.add(name=name, op="Placeholder")
            made.attr["dtype"].type = tensorflow().resource.as_datatype_enum
            made.attr["shape"].shape.CopyFrom(tensorflow().TensorShape(()).as_proto())
        return self._named[handle]

    def of(self, handle: str, weight: Constant) -> str:
        """The Placeholder that stands for this weight."""
        if handle not in self._named:
            tf = tensorflow()
            value = weight.value
            name = self.unused(weight.sources[0])
            self._named[handle] = name
            self.values[name] = weight
            made = self._graphdef.node.add(name=name, op="Placeholder")
            made.attr["dtype"].type = tf.as_dtype(
                "string" if value.dtype.kind in "OSU" else value.dtype
            ).as_datatype_enum
            made.attr["shape"].shape.CopyFrom(tf.TensorShape(value.shape).as_proto())
        return self._named[handle]

    def gather(self, node: Any, weight: str) -> None:
        """ResourceGather(handle, indices) -> GatherV2(weight, indices, 0), in place."""
        tf = tensorflow()
        axis = self.unused(f"{node.name}/axis")
        const = self._graphdef.node.add(name=axis, op="Const")
        const.attr["dtype"].type = tf.int32.as_datatype_enum
        const.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(0, dtype=tf.int32))
        dtype, indices_dtype = node.attr["dtype"].type, node.attr["Tindices"].type
        batch_dims = node.attr["batch_dims"].i
        indices, *control = node.input[1:]
        node.op = "GatherV2"
        del node.input[:]
        node.input.extend([weight, indices, axis, *control])
        node.attr.clear()
        node.attr["Tparams"].type = dtype
        node.attr["Tindices"].type = indices_dtype
        node.attr["Taxis"].type = tf.int32.as_datatype_enum
        node.attr["batch_dims"].i = batch_dims

    def unused(self, wanted: str) -> str:
        """A legal node name that isn't taken, made from a variable's path."""
        name = re.sub(r"[^A-Za-z0-9_./>-]", "_", normal(wanted))
        if not re.match(r"[A-Za-z0-9.]", name):
            name = f"w{name}"
        unused = unused_name(name, self._taken)
        self._taken.add(unused)
        return unused
