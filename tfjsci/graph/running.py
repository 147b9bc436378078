"""A graph of ours, run by TensorFlow on the CPU as often as wanted: a TensorFlow edge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tfjsci.graph.complaint import complaint
from tfjsci.graph.graph import Array, Graph, indexed, node_of
from tfjsci.graph.graphdef import to_graphdef
from tfjsci.graph.tensorflow import tensorflow


class RunnableGraph:
    """Made once, called with the values of its Placeholders by tensor name. Large Consts are fed: no protobuf limits them."""

    def __init__(self, graph: Graph) -> None:
        """Raises what TensorFlow raises when it can't take the graph."""
        tf = tensorflow()
        v1 = tf.compat.v1
        config = v1.ConfigProto()
        config.graph_options.rewrite_options.disable_meta_optimizer = True  # it fuses, and the numbers are others then
        with tf.Graph().as_default() as imported:
            tf.graph_util.import_graph_def(to_graphdef(graph), name="")
        self._fed: dict[str, Any] = {
            f"{name}:0": constant.value
            for name, constant in graph.constants.items()
            if imported.get_operation_by_name(name).type == "Placeholder"
        }
        self._placeholders = {node.name for node in graph.nodes if node.op == "Placeholder"}
        self._wanted = [indexed(tensor) for tensor in graph.outputs]
        self._session = v1.Session(graph=imported, config=config)

    def __call__(self, given: Mapping[str, Array]) -> list[Array]:
        """The outputs in order. Raises ``tf.errors.OpError`` and ``ValueError`` when it can't run on these."""
        fed = {indexed(tensor): value for tensor, value in given.items() if node_of(tensor) in self._placeholders}
        return [np.asarray(value) for value in self._session.run(self._wanted, {**self._fed, **fed})]


class NotRunnable(ValueError):
    """TensorFlow can't take a graph, or can't run it on these values; the message is what it says."""


def runnable(graph: Graph) -> Callable[[Mapping[str, Array]], list[Array]]:
    """A :class:`RunnableGraph` whose refusals, and those of its calls, are ``NotRunnable``: for who has no TensorFlow at hand."""
    tf = tensorflow()
    refusals = (tf.errors.OpError, ValueError, TypeError)
    try:
        running = RunnableGraph(graph)
    except refusals as error:
        raise NotRunnable(complaint(error)) from error

    def run(given: Mapping[str, Array]) -> list[Array]:
        try:
            return running(given)
        except refusals as error:
            raise NotRunnable(complaint(error)) from error

    return run
