"""Examples for lowerings: a graph of one op (or a few), values to run it on, and what TensorFlow makes of them.

A lowering's test gives a hypothesis strategy of examples, ``EXAMPLES``, and those that must never be missed, ``CORNERS``.
``assert_right_in_tensorflow`` lowers an example as a conversion does and lets TensorFlow run both graphs;
tests/browser/test_lowerings.py runs examples of every lowering on all four backends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from fused_reference import outputs_of
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tensorflow.python.framework import op_def_registry

from tfjsci.catalog.check import check_ops, problems_of
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.graph.graph import Array, AttrValue, Constant, DType, Graph, Node, ShapeAttr, dtype_name
from tfjsci.graph.graphdef import infer_types
from tfjsci.rewrite.carried import FLOATS, SMALL_INTEGERS
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.pipeline import STAGES, rewrite_with
from tfjsci.rewrite.stage import Means, RewrittenGraph


@dataclass(frozen=True, kw_only=True)
class Example:
    """``inputs`` are the values of the graph's Placeholders. ``expected`` is given where TensorFlow's CPU can't compute it.

    ``tolerance`` is the largest error allowed, relative to the largest number of the output, or to ``scale`` where that is
    larger (ints and bools are exact); on the GPU backends, whose exp, log, sin and division are coarser, ``gpu_tolerance``.
    """

    graph: Graph
    inputs: Mapping[str, Array]
    expected: tuple[Array, ...] | None = None
    tolerance: float = 1e-5
    gpu_tolerance: float = 2e-4
    scale: float = 0.0
    backends: tuple[Backend, ...] = BACKENDS
    """Those that it's lowered for, and run on."""
    text: str = ""

    def __repr__(self) -> str:  # what hypothesis prints of a failing one
        shapes = {name: f"{value.dtype}{list(value.shape)}" for name, value in self.inputs.items()}
        return (
            f"Example({self.text} {shapes}, values={ {k: v.tolist() for k, v in self.inputs.items() if v.size < 30} })"
        )

    def reference(self) -> list[Array]:
        """What TensorFlow gives, or what ``expected`` says."""
        return list(self.expected) if self.expected is not None else outputs_of(self.graph, **self.inputs)


def one_op(
    op: str,
    *inputs: Any,
    constant: Sequence[int] = (),
    unknown: Mapping[int, Sequence[int]] | None = None,
    outputs: int = 1,
    expected: Sequence[Array] | None = None,
    tolerance: float = 1e-5,
    gpu_tolerance: float = 2e-4,
    scale: float = 0.0,
    backends: Sequence[Backend] = BACKENDS,
    **attrs: Any,
) -> Example:
    """One node named ``op`` on ``inputs``, in their order; a list among them is a list argument (Pack's values).

    ``constant`` are the numbers of inputs that are Consts of the graph; the others are Placeholders ``input0``…, whose
    dimensions in ``unknown`` (input -> axes) have no size before the run. Attributes that aren't given get TensorFlow's
    default, type attributes the dtypes of the inputs. Texts may be str, dtypes ``DType`` or a name for a type attribute.
    """
    values = [np.asarray(value) for value in inputs]
    nodes, fed, constants = [], {}, {}
    for i, value in enumerate(values):
        name = f"input{i}"
        dtype = DType(dtype_name(value))
        if i in constant:
            constants[name] = Constant(value=value.copy())
            nodes.append(Node(name=name, op="Const", attrs={"dtype": dtype}))
            continue
        open_axes = {axis % value.ndim for axis in (unknown or {}).get(i, ())}
        shape = tuple(None if axis in open_axes else n for axis, n in enumerate(value.shape))
        nodes.append(Node(name=name, op="Placeholder", attrs={"dtype": dtype, "shape": ShapeAttr(shape)}))
        fed[name] = value
    names = tuple(f"input{i}" for i in range(len(values)))
    nodes.append(Node(name="op", op=op, inputs=names, attrs=complete_attrs(op, values, attrs)))
    graph = Graph(
        nodes=tuple(nodes),
        outputs=tuple("op" if i == 0 else f"op:{i}" for i in range(outputs)),
        constants=constants,
    )
    return Example(
        graph=graph,
        inputs=fed,
        expected=None if expected is None else tuple(np.asarray(value) for value in expected),
        tolerance=tolerance,
        gpu_tolerance=gpu_tolerance,
        scale=scale,
        backends=tuple(backends),
        text=f"{op} {attrs} constant={list(constant)} unknown={dict(unknown or {})}",
    )


def complete_attrs(op: str, values: Sequence[Array], given_attrs: Mapping[str, Any]) -> dict[str, AttrValue]:
    """All that TensorFlow asks of a node of this op with inputs like these."""
    definition = op_def_registry.get(op)
    assert definition is not None, f"TensorFlow has no op {op}"
    attrs: dict[str, AttrValue] = {}
    place = 0
    for argument in definition.input_arg:
        count = 1
        if argument.number_attr:
            count = given_attrs.get(argument.number_attr, len(values) - len(definition.input_arg) + 1)
            attrs[argument.number_attr] = count
        if argument.type_attr and place < len(values):
            attrs[argument.type_attr] = DType(dtype_name(values[place]))
        if argument.type_list_attr:
            count = len(values) - len(definition.input_arg) + 1
            attrs[argument.type_list_attr] = tuple(DType(dtype_name(v)) for v in values[place : place + count])
        place += count
    for attr in definition.attr:
        if attr.name in given_attrs:
            attrs[attr.name] = _plain(attr.type, given_attrs[attr.name])
        elif attr.name not in attrs and attr.HasField("default_value"):
            attrs[attr.name] = _default(attr.type, attr.default_value)
    return attrs


def _plain(kind: str, value: Any) -> AttrValue:
    if isinstance(value, str):
        return DType(value) if kind == "type" else value.encode()
    if isinstance(value, (list, tuple)):
        if kind == "shape":
            return ShapeAttr(tuple(value))
        return tuple(_plain(kind.removeprefix("list(").rstrip(")"), item) for item in value)
    if kind == "float":
        return float(value)
    plain: AttrValue = value
    return plain


def _default(kind: str, value: Any) -> AttrValue:
    import tensorflow as tf

    which = value.WhichOneof("value")
    if which == "list":
        return tuple(item for _, items in value.list.ListFields() for item in items)
    if which == "type":
        return DType(tf.as_dtype(value.type).name)
    if which == "shape":
        return ShapeAttr(None if value.shape.unknown_rank else tuple(d.size for d in value.shape.dim))
    made: AttrValue = getattr(value, which)
    return made


def rewritten(example: Example, *, without: frozenset[str] = frozenset()) -> RewrittenGraph:
    """The example's graph as a conversion would write it."""
    means = Means(
        evaluate=evaluate_in_tensorflow,
        infer=infer_types,
        problems=partial(problems_of, backends=example.backends),
        without=without,
        backends=example.backends,
    )
    return rewrite_with(example.graph, means)


def _before_lowering() -> frozenset[str]:
    order = [stage.name for stage in STAGES]
    return frozenset(rule.name for stage in STAGES[: order.index("lowering")] for rule in stage.rules)


def lowered_by(example: Example) -> list[str]:
    """The names of the lowerings that a conversion takes, in order, each once; none where nothing was needed or all declined."""
    return list(dict.fromkeys(each.by for each in rewritten(example).lowered))


def refused(example: Example) -> str:
    """What the check still says after lowering; empty when everything can run."""
    return _refused(rewritten(example), example.backends)


def _refused(after: RewrittenGraph, backends: Sequence[Backend]) -> str:
    return "; ".join(f"{op.op}: {op.reason}" for op in check_ops(after.graph, backends).unsupported)


def assert_right_in_tensorflow(example: Example, by: str) -> None:
    """The lowering ``by`` is taken, the check passes, and TensorFlow gets the same from both graphs: dtype, shape, numbers.

    A rule may see before that the op does nothing: then the numbers are held against each other with and without such rules.
    """
    after = rewritten(example)
    assert _refused(after, example.backends) == ""
    _assert_same(example, after)
    if by not in [each.by for each in after.lowered]:
        bare = rewritten(example, without=_before_lowering())
        assert by in [each.by for each in bare.lowered], f"not lowered by {by}"
        _assert_same(example, bare)


def _assert_same(example: Example, after: RewrittenGraph) -> None:
    fed = {name: _carried(value) for name, value in example.inputs.items()}
    found = outputs_of(after.graph, **fed)
    for got, want in zip(found, example.reference(), strict=True):
        assert dtype_name(got) in (dtype_name(want), _carrier(dtype_name(want)))
        assert difference(got, want, example.tolerance, example.scale) is None


def _carried(value: Array) -> Array:
    own = dtype_name(value)
    return value if _carrier(own) == own else value.astype(_carrier(own))


def _carrier(dtype: str) -> str:
    """What a conversion calls a dtype that the runtime has no name for."""
    return {**FLOATS, **SMALL_INTEGERS}.get(dtype, dtype)


def difference(got: Array, want: Array, tolerance: float, scale: float = 0.0) -> str | None:
    """How two outputs differ, if they do; see ``Example``."""
    if got.shape != want.shape:
        return f"shape {list(got.shape)}, not {list(want.shape)}"
    if want.dtype.kind not in "fcV":
        return None if np.array_equal(got, want) else f"{got.ravel()[:8]}, not {want.ravel()[:8]}"
    ours, theirs = (
        np.asarray(value, np.complex128 if value.dtype.kind == "c" else np.float64) for value in (got, want)
    )
    finite = np.abs(theirs[np.isfinite(theirs)])
    if np.allclose(ours, theirs, rtol=0, atol=tolerance * (finite.max(initial=scale) or 1), equal_nan=True):
        return None
    with np.errstate(invalid="ignore"):
        worst = np.unravel_index(np.argmax(np.nan_to_num(np.abs(ours - theirs), nan=np.inf)), ours.shape)
    return f"at {[int(i) for i in worst]} {ours[worst]}, not {theirs[worst]}"


def drawn(strategy: st.SearchStrategy[Example], count: int) -> list[Example]:
    """``count`` examples of a strategy, the same ones each time, without shrinking: for a page that runs many at once."""
    found: list[Example] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: Example) -> None:
        found.append(example)

    collect()
    return found


FEW = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
"""For a property in TensorFlow: some hundredths of a second an example."""


def floats(*shape: int, seed: int = 0, low: float = -3.0, high: float = 3.0) -> Array:
    """float32 values, no two alike."""
    return np.random.default_rng([seed, *shape]).uniform(low, high, shape).astype(np.float32)


def ints(*shape: int, seed: int = 0, low: int = -9, high: int = 10) -> Array:
    """int32 values in [low, high)."""
    return np.random.default_rng([seed, *shape]).integers(low, high, shape).astype(np.int32)


def shapes(min_rank: int = 1, max_rank: int = 4, *, low: int = 1, high: int = 5) -> st.SearchStrategy[tuple[int, ...]]:
    """Small shapes."""
    return st.lists(st.integers(low, high), min_size=min_rank, max_size=max_rank).map(tuple)


def as_constants(graph: Graph, inputs: Mapping[str, Array]) -> Graph:
    """The graph with its Placeholders as Consts of these values: complete in itself."""
    nodes = tuple(
        Node(name=node.name, op="Const", attrs={"dtype": DType(dtype_name(inputs[node.name]))})
        if node.op == "Placeholder"
        else node
        for node in graph.nodes
    )
    return replace(
        graph, nodes=nodes, constants={**graph.constants, **{n: Constant(value=np.array(v)) for n, v in inputs.items()}}
    )


__all__ = [
    "FEW", "Example", "as_constants", "assert_right_in_tensorflow", "complete_attrs", "difference", "drawn", "floats",
    "ints", "lowered_by", "one_op", "refused", "rewritten", "shapes",
]  # fmt: skip
