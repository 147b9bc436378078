"""Inputs whose open sizes are settled: the artifact takes these sizes alone, and nothing need be computed from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tfjsci.errors import BadInputs
from tfjsci.graph.graph import Graph, Shape, ShapeAttr, node_of
from tfjsci.graph.show import show_shape
from tfjsci.listed import plural
from tfjsci.load.loaded import LoadedGraph
from tfjsci.nearest import did_you_mean
from tfjsci.signature import TensorSpec


@dataclass(frozen=True, kw_only=True)
class Pins:
    """Sizes that are known before: shapes by the input's name, and ``batch``: a first dimension's that is open else."""

    shapes: Mapping[str, Shape] = field(default_factory=dict)
    batch: int | None = None

    def of(self, name: str, own: Shape) -> Shape:
        """The input's shape with its open sizes settled; its own where what is given doesn't fit, which is told later."""
        given = self.shapes.get(name)
        if own is not None and given is not None and len(given) != len(own):
            return own
        return _pinned(own, given, self.batch)


NO_PINS = Pins()


def with_pinned_inputs(loaded: LoadedGraph, shapes: Mapping[str, Shape], batch: int | None = None) -> LoadedGraph:
    """The model with these shapes as those of its inputs, by name; a None among the sizes leaves one as it is.

    ``batch``: the size of a first dimension that is open still. Raises ``BadInputs`` with all that is wrong: an input that
    there isn't, another number of dimensions, a size that the model has otherwise.
    """
    if not shapes and batch is None:
        return loaded
    specs = {spec.name: spec for spec in loaded.inputs}
    problems = [problem for name, shape in shapes.items() if (problem := _problem(specs, name, shape))]
    if problems:
        raise BadInputs(
            f"the inputs can't be pinned: {'; '.join(problems)}",
            hint="Only sizes shown as ? are free. The inputs are "
            + ", ".join(f"{spec.name} {show_shape(spec.shape)}" for spec in loaded.inputs),
        )
    inputs = tuple(replace(spec, shape=_pinned(spec.shape, shapes.get(spec.name), batch)) for spec in loaded.inputs)
    return replace(loaded, inputs=inputs, graph=_with_shapes(loaded.graph, inputs))


def _problem(specs: Mapping[str, TensorSpec], name: str, shape: Shape) -> str | None:
    if name not in specs:
        return f"there is no input {name!r}.{did_you_mean(name, specs)}"
    own = specs[name].shape
    if shape is None or own is None:
        return None
    if len(shape) != len(own):
        return f"{name} is {show_shape(own)}, which has {plural(len(own), 'dimension')}, not {len(shape)}"
    if any(
        given is not None and (given < 1 or size not in (None, given)) for given, size in zip(shape, own, strict=True)
    ):
        return f"{name} is {show_shape(own)}, which {show_shape(shape)} doesn't fit"
    return None


def _pinned(own: Shape, given: Shape, batch: int | None) -> Shape:
    if own is None:
        return given
    sizes = [
        size if size is not None else wanted for size, wanted in zip(own, given or (None,) * len(own), strict=True)
    ]
    if sizes and sizes[0] is None:
        sizes[0] = batch
    return tuple(sizes)


def _with_shapes(graph: Graph, inputs: tuple[TensorSpec, ...]) -> Graph:
    shapes = {node_of(spec.tensor): spec.shape for spec in inputs}
    return replace(
        graph,
        nodes=tuple(
            replace(node, attrs={**node.attrs, "shape": ShapeAttr(shapes[node.name])}) if node.name in shapes else node
            for node in graph.nodes
        ),
        types={},  # they are inferred anew
    )
