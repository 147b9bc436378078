"""Tensor lists and tensor arrays, whose entries in the runtime differ from TensorFlow's definitions of the ops.

Sources: ``control_executor``, ``tensor_list`` and ``tensor_array`` of tfjs-converter 4.22.0, and what the browser did (op_cases).
"""

from __future__ import annotations

from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.restrictions.restriction import Restriction, ops
from tfjsci.graph.graph import ShapeAttr, node_of


def _array_of_unknown_shape(view: NodeView) -> bool:
    """The executor cuts rows to the array's own shape, which must have a rank."""
    made = view.graph.by_name.get(node_of(view.node.inputs[0])) if view.node.inputs else None
    shape = made.attrs.get("element_shape") if made is not None and made.op == "TensorArrayV3" else None
    return isinstance(shape, ShapeAttr) and shape.shape is None


RESTRICTIONS: tuple[Restriction, ...] = (
    Restriction(
        ops=ops("TensorListPopBack"),
        effect="throws",
        says="the runtime returns the element alone, in the place of the list",
        hint="Read with TensorListGetItem and count down the length.",
    ),
    Restriction(
        ops=ops("TensorListConcatV2"),
        effect="throws",
        says="the runtime wants the shape as an attribute, where the op has it as an input",
        hint="Stack the list and reshape, or use Concat.",
    ),
    Restriction(
        ops=ops("TensorListSplit"),
        effect="throws or silently wrong",
        says="the elements lose their first dimension",
        hint="Slice the tensor and push the slices.",
    ),
    Restriction(
        ops=ops("TensorArraySplitV3"),
        effect="throws",
        says="the array must know the rank of its elements",
        when=_array_of_unknown_shape,
        hint="Give the TensorArray an element_shape.",
    ),
)
