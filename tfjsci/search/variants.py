"""One model in TensorFlow, run with other values in its weights as often as wanted, without making it anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from tfjsci.compare.compare import Measures, compare_outputs
from tfjsci.compare.comparison import OutputComparison
from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.errors import SearchFailed
from tfjsci.graph.graph import Array, AttrValue, Constant, DType, Graph, Node, ShapeAttr, dtype_name, node_of
from tfjsci.graph.running import NotRunnable, runnable
from tfjsci.rewrite.fold_constants import NotComputable
from tfjsci.rewrite.unfused import unfused
from tfjsci.signature import TensorSpec

Call = Callable[[Mapping[str, Array]], list[Array]]


class Variants:
    """The graph with ``weights`` as inputs; each call gives the comparison of a variant with the float model.

    Weights of loops and branches can't be fed: the graph is made anew where these change.
    Raises ``SearchFailed`` when TensorFlow can't run the graph, or not on these samples.
    """

    def __init__(
        self,
        graph: Graph,
        *,
        weights: Collection[str],
        inputs: Sequence[TensorSpec],
        outputs: Sequence[TensorSpec],
        samples: Sequence[Mapping[str, Array]],
        topk: bool,
        measures: Measures | None = None,
        run: Callable[[Graph], Call] = runnable,
    ) -> None:
        """``samples`` are calls: an array for each of ``inputs``, by its name."""
        try:
            self._graph = _fed(_taken_apart(graph), weights)
        except NotComputable as error:
            raise _not_run(error) from error
        self._exact = {name: constant.value for name, constant in graph.all_constants.items() if name in weights}
        self._inner = {
            name for body in self._graph.functions.values() for name in body.graph.constants if name in self._exact
        }
        self._names = [spec.name for spec in outputs]
        self._calls = [_call(self._graph, inputs, sample) for sample in samples]
        self._topk = topk
        self._measures = measures or Measures()
        self._make = run
        self._running: tuple[dict[str, Array], Call] | None = None
        self.float_outputs = self._run({})
        """Of each call, by name, in the dtypes of the browser."""

    def against_float(self, values: Mapping[str, Array]) -> tuple[OutputComparison, ...]:
        """Each output with ``values`` in some weights, by name, against that of the float model."""
        return compare_outputs(self.float_outputs, self._run(values), topk=self._topk, measures=self._measures)

    def _run(self, values: Mapping[str, Array]) -> list[dict[str, Array]]:
        weights = {name: value.astype(self._exact[name].dtype) for name, value in values.items()}
        try:
            run = self._with_inner({name: weights[name] for name in sorted(self._inner & set(weights))})
            found = [run({**self._exact, **weights, **call}) for call in self._calls]
        except NotRunnable as error:
            raise _not_run(error) from error
        return [
            {name: _as_in_browser(value) for name, value in zip(self._names, values, strict=True)} for values in found
        ]

    def _with_inner(self, values: dict[str, Array]) -> Call:
        """The runnable graph with these values in the weights of its functions."""
        if self._running is None or not _same(self._running[0], values):
            self._running = values, self._make(_with_constants(self._graph, values))
        return self._running[1]


def _not_run(error: Exception) -> SearchFailed:
    return SearchFailed(
        f"quantize: auto runs the converted model in TensorFlow, which can't: {str(error)[:300]}",
        hint="Name a scheme, or several under mixed:, in place of auto.",
    )


def _taken_apart(graph: Graph) -> Graph:
    functions = {name: replace(body, graph=_taken_apart(body.graph)) for name, body in graph.functions.items()}
    return replace(unfused(graph), functions=functions)


def _fed(graph: Graph, weights: Collection[str]) -> Graph:
    """The graph with Placeholders in the weights' places; those of its functions stay."""
    nodes = tuple(_placeholder(node, graph) if node.name in weights else node for node in graph.nodes)
    kept = {node.name for node in nodes if node.op == "Const"}
    return Graph(
        nodes=nodes,
        outputs=graph.outputs,
        constants={name: value for name, value in graph.constants.items() if name in kept},
        functions=graph.functions,
    )


def _placeholder(node: Node, graph: Graph) -> Node:
    value = graph.constants[node.name].value
    attrs: dict[str, AttrValue] = {"dtype": DType(dtype_name(value)), "shape": ShapeAttr(value.shape)}
    return Node(name=node.name, op="Placeholder", attrs=attrs)


def _with_constants(graph: Graph, values: Mapping[str, Array]) -> Graph:
    """The graph with these values in its functions' weights."""
    if not values:
        return graph
    functions = {
        name: replace(body, graph=_with_constants(body.graph, values)) for name, body in graph.functions.items()
    }
    constants = {
        name: Constant(value=values[name], sources=constant.sources) if name in values else constant
        for name, constant in graph.constants.items()
    }
    return replace(graph, constants=constants, functions=functions)


def _call(graph: Graph, inputs: Sequence[TensorSpec], sample: Mapping[str, Array]) -> dict[str, Array]:
    """What is fed: values by Placeholder, in its dtype, which rewriting may have changed."""
    fed = {}
    for spec in inputs:
        node = graph.by_name.get(node_of(spec.tensor))
        if node is not None:
            wanted = node.attrs.get("dtype")
            value = sample[spec.name]
            plain = dtype_name(value) != "string" and isinstance(wanted, DType) and wanted.name != "string"
            fed[node.name] = value.astype(wanted.name) if plain and isinstance(wanted, DType) else value
    return fed


def _as_in_browser(value: Array) -> Array:
    """In the dtype that the runtime has for it: there is no float64, and no int64."""
    dtype = RUNTIME_DTYPE.get(dtype_name(value))
    return value if dtype in (None, "string") else np.asarray(value).astype(dtype)


def _same(one: Mapping[str, Array], other: Mapping[str, Array]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(value, other[name]) for name, value in one.items())
