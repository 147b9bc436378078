"""A graph of TensorFlow 1 run as TensorFlow 1 did, in a session: the original that a conversion is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tfjsci.errors import CorruptModel
from tfjsci.graph.graph import Array, indexed
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.quoted import quoted
from tfjsci.signature import TensorSpec


class SessionOriginal:
    """Runs nothing before it is first called: then ``fill`` puts the model into the session's graph."""

    def __init__(
        self,
        fill: Callable[[Any], None],
        *,
        name: str,
        inputs: Sequence[TensorSpec],
        outputs: Sequence[TensorSpec],
    ) -> None:
        self._fill = fill
        self._name = name
        self._inputs = {spec.name: spec for spec in inputs}
        self._outputs = tuple(outputs)
        self._session: Any = None

    def __call__(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """Arrays by the signature's input names -> arrays by its output names. Raises ``CorruptModel``."""
        tf = tensorflow()
        if self._session is None:
            self._session = self._filled(tf)
        graph = self._session.graph
        fed = {}
        for name, value in arrays.items():
            tensor = graph.get_tensor_by_name(indexed(self._inputs[name].tensor))
            fed[tensor] = np.asarray(value, dtype=tensor.dtype.as_numpy_dtype)
        wanted = [graph.get_tensor_by_name(indexed(spec.tensor)) for spec in self._outputs]
        values = self._session.run(wanted, fed)
        return {spec.name: np.asarray(value) for spec, value in zip(self._outputs, values, strict=True)}

    def _filled(self, tf: Any) -> Any:
        v1 = tf.compat.v1
        with tf.Graph().as_default() as graph:
            session = v1.Session(graph=graph, config=v1.ConfigProto(allow_soft_placement=True))
            try:
                self._fill(session)
            except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, tf.errors.OpError) as error:
                session.close()
                raise CorruptModel(
                    f"TensorFlow can't load {self._name}: {quoted(error)}",
                    hint="It is incomplete (variables/ missing or cut short?) or was written by an incompatible TensorFlow.",
                ) from error
        return session
