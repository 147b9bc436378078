"""A graph as a SavedModel: a TensorFlow edge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tfjsci.graph.graph import Graph, indexed
from tfjsci.graph.graphdef import to_graphdef
from tfjsci.graph.tensorflow import tensorflow


def save_graph(graph: Graph, folder: Path, *, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Write ``graph`` to ``folder`` as a SavedModel with the signature ``serving_default``.

    ``inputs`` are the signature's names and the Placeholders behind them, ``outputs`` its names and the tensors. Constants go
    into the graph itself, so it must stay below protobuf's 2 GB. Raises ``ValueError`` when TensorFlow refuses the graph.
    """
    tf = tensorflow()
    graphdef = to_graphdef(graph, keep_bytes=None)

    def imported() -> None:
        tf.graph_util.import_graph_def(graphdef, name="")

    wrapped = tf.compat.v1.wrap_function(imported, [])
    function = wrapped.prune(
        {name: wrapped.graph.as_graph_element(indexed(tensor)) for name, tensor in inputs.items()},
        {name: wrapped.graph.as_graph_element(indexed(tensor)) for name, tensor in outputs.items()},
    )
    module = tf.Module()
    module.function = function
    tf.saved_model.save(module, str(folder), signatures={"serving_default": function})
