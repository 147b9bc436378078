"""The stage: a GraphDef with control flow of TensorFlow 1 -> the same with functions, or the reason why it can't be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfjsci.errors import ConversionFailed
from tfjsci.graph.graph import normal
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.listed import listed, plural
from tfjsci.load.functional.branches import raise_branches
from tfjsci.load.functional.draft import FIRST, Draft
from tfjsci.load.functional.known import take_known_branches
from tfjsci.load.functional.loops import raise_loop
from tfjsci.load.functional.tensor_arrays import take_tensor_arrays

_ARRAYS = "TensorArray"


def make_functional(graphdef: Any, fetch: Sequence[str]) -> None:
    """Replace loops, branches and TensorArrays of TensorFlow 1 by TensorFlow 2's, in place, innermost first.

    ``fetch`` are the nodes that are wanted of the graph; only what they need is left of it, without control edges. Nothing is
    done where there is none. Raises ``ConversionFailed`` for what isn't understood, with its nodes.
    """
    if not any(node.op in FIRST or node.op.startswith(_ARRAYS) for node in graphdef.node):
        return
    draft = Draft(graphdef=graphdef, types=_types(graphdef), fetch=fetch)
    take_known_branches(draft)
    draft.prune()
    take_tensor_arrays(draft)
    while raise_branches(draft) or raise_loop(draft):
        draft.prune()
    draft.settle()
    if left := [node.name for node in graphdef.node if node.op in FIRST]:
        raise ConversionFailed(
            f"{plural(len(left), 'node of control flow belongs', 'nodes of control flow belong')} to no loop or branch that is "
            f"understood: {listed(left, 5)}",
            hint="Write it with tf.while_loop, tf.cond or tf.case, or freeze it again for inference (training=False).",
        )
    for node in graphdef.node:
        data = [tensor for tensor in node.input if not tensor.startswith("^")]
        del node.input[:]
        node.input.extend(data)


def _types(graphdef: Any) -> dict[str, int]:
    tf = tensorflow()
    with tf.Graph().as_default() as imported:
        tf.graph_util.import_graph_def(graphdef, name="")
    return {
        normal(tensor.name): tensor.dtype.base_dtype.as_datatype_enum
        for op in imported.get_operations()
        for tensor in op.outputs
    }
