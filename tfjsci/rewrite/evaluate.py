"""The evaluator: a graph of Consts, computed by TensorFlow on the CPU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfjsci.graph.complaint import complaint
from tfjsci.graph.graph import Array, Graph, indexed
from tfjsci.graph.graphdef import SMALL_BYTES, to_graphdef
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.rewrite.fold_constants import NotComputable


def evaluate_in_tensorflow(graph: Graph, tensors: Sequence[str]) -> list[Array]:
    """The values of ``tensors``. Large Consts are fed, so they are never copied into a protobuf.

    Raises ``NotComputable`` when TensorFlow doesn't know an op, can't compute it on the CPU, or not with these values.
    """
    tf = tensorflow()
    v1 = tf.compat.v1
    config = v1.ConfigProto()
    config.graph_options.rewrite_options.disable_meta_optimizer = True  # one run: optimising costs more than it saves
    with tf.Graph().as_default() as imported:
        try:
            tf.graph_util.import_graph_def(to_graphdef(graph), name="")
        except (
            ValueError,
            tf.errors.OpError,
        ) as error:  # an op or attribute that it doesn't know, a shape that can't be
            raise NotComputable(complaint(error)) from error
        fed = {
            f"{name}:0": constant.value
            for name, constant in graph.constants.items()
            if imported.get_operation_by_name(name).type == "Placeholder"
        }
        assert all(value.nbytes > SMALL_BYTES for value in fed.values())
        wanted = [indexed(tensor) for tensor in tensors]
        with v1.Session(graph=imported, config=config) as session:
            try:
                values = session.run(wanted, feed_dict=fed)
            except tf.errors.OpError as error:
                raise NotComputable(complaint(error)) from error
    return [np.asarray(value) for value in values]
