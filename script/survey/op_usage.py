"""Which ops the cases' graphs are made of, as tfjsci sees them once loaded, folded, and not yet rewritten by a rule."""

from __future__ import annotations

import gc
import json
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from case import Case
from source import built, function_of, loaded, signature_of

from tfjsci.catalog.check import OpCheck, check_ops, problems_of
from tfjsci.dtypes import BACKENDS
from tfjsci.graph.graph import FunctionName, Graph
from tfjsci.graph.graphdef import infer_types
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.rewrite.bypass import without_control_edges, without_pass_ons
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.fold_constants import fold_constants
from tfjsci.rewrite.pipeline import rewrite

_NOT_COMPUTING = frozenset({"Const", "Placeholder", "NoOp"})
_LOOPS = frozenset({"While", "StatelessWhile", "If", "StatelessIf", "Case", "StatelessCase"})
_SHORT = {"float": "f", "int": "i", "uint": "u"}


@dataclass(frozen=True, kw_only=True)
class Traced:
    """One case's ops. ``inside`` are those in the bodies of loops and branches; ``checks``: before and after rewriting.

    ``broken`` is what rewriting raised, ``failed`` what Keras, TensorFlow or the loading did.
    """

    case: Case
    ops: dict[str, int] = field(default_factory=dict)
    inside: dict[str, int] = field(default_factory=dict)
    inputs: frozenset[tuple[str, str]] = frozenset()
    checks: tuple[OpCheck, ...] = ()
    broken: str | None = None
    failed: str | None = None


def trace_cases(cases: Sequence[Case], say: Callable[[str], None]) -> list[Traced]:
    """Every case; one that can't be built or loaded is told, and the others go on."""
    traced = []
    for i, case in enumerate(cases):
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="survey-") as folder:
            try:
                traced.append(_traced(case, Path(folder)))
            except Exception as error:  # noqa: BLE001  (whatever Keras, TensorFlow or tfjsci say to a case is a result)
                traced.append(Traced(case=case, failed=_first_line(error)))
        if traced[-1].failed or time.monotonic() - start > 10:
            say(f"{i + 1}/{len(cases)} {case.name}: {time.monotonic() - start:.1f} s {traced[-1].failed or ''}")
        if case.kind == "zoo" or i % 50 == 0:
            gc.collect()
    return traced


def document(traced: Iterable[Traced]) -> dict[str, Any]:
    """What op_usage.json holds."""
    traced = sorted(traced, key=lambda each: each.case.name)
    used: dict[str, Counter[str]] = defaultdict(Counter)
    inputs: dict[str, set[str]] = defaultdict(set)
    cases: dict[str, Any] = {}
    for each in traced:
        entry: dict[str, Any] = {"kind": each.case.kind}
        if each.failed:
            entry["failed"] = each.failed
        else:
            entry["ops"] = each.ops
            if each.inside:
                entry["inside"] = each.inside
        cases[each.case.name] = entry
        for op in {**each.ops, **each.inside}:
            used[op][each.case.kind] += 1
        for op, described in each.inputs:
            inputs[op].add(described)
    ops = {
        op: {**{kind: counts[kind] for kind in ("layers", "keras_ops", "zoo")}, "inputs": sorted(inputs[op])}
        for op, counts in sorted(used.items())
    }
    return {"tensorflow": tensorflow().__version__, "keras": keras().__version__, "cases": cases, "ops": ops}


def to_json(found: dict[str, Any]) -> str:
    """One line for each case and each op."""
    parts = [f'"{name}": {json.dumps(found[name])}' for name in ("tensorflow", "keras")]
    for table in ("cases", "ops"):
        lines = (f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in found[table].items())
        parts.append(f'"{table}": {{\n' + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _traced(case: Case, folder: Path) -> Traced:
    made = built(case, as_trained=False)
    graph = loaded(case, made, folder).graph
    plain = _folded(graph)
    inside = _inside(case, made, plain)
    after, broken = _after_rewriting(graph)
    return Traced(
        case=case,
        ops=_counted(node.op for node in plain),
        inside=inside,
        inputs=frozenset((node.op, _inputs(plain, node.inputs)) for node in plain if node.op not in _NOT_COMPUTING),
        checks=(check_ops(plain, BACKENDS), *after),
        broken=broken,
    )


def _folded(graph: Graph) -> Graph:
    graph = without_pass_ons(without_control_edges(graph))
    graph = replace(graph, types=infer_types(graph))
    graph = fold_constants(graph, evaluate_in_tensorflow)
    return replace(graph, types=infer_types(graph))


def _after_rewriting(graph: Graph) -> tuple[tuple[OpCheck, ...], str | None]:
    problems = partial(problems_of, backends=BACKENDS, catalog=None)
    try:
        rewritten = rewrite(graph, evaluate=evaluate_in_tensorflow, infer=infer_types, problems=problems)
    except Exception as error:  # noqa: BLE001  (told in the summary; the graph before it is what this is about)
        return (), _first_line(error)
    return (check_ops(rewritten.graph, BACKENDS),), None


def _inputs(graph: Graph, tensors: Sequence[str]) -> str:
    """``f32:4 i32:1``: dtype and rank of each input, a run of equal ones once."""
    described: list[str] = []
    for tensor in tensors:
        known = graph.type_of(tensor)
        if known is None:
            text = "?"
        else:
            dtype = known.dtype
            for long, short in _SHORT.items():
                if dtype.removeprefix(long).isdigit():
                    dtype = short + dtype.removeprefix(long)
            text = f"{dtype}:{'?' if known.shape is None else len(known.shape)}"
        if len(described) > 1 and described[-1].rstrip("+") == described[-2] == text:
            described[-1] = f"{text}+"
        elif not (len(described) > 1 and described[-1] == f"{text}+"):
            described.append(text)
    return " ".join(described)


def _inside(case: Case, made: Any, graph: Graph) -> dict[str, int]:
    """What the bodies of loops and branches compute, read from the traced function: a graph may have lost its functions."""
    bodies = [body for name, body in graph.walk() if name]
    if bodies:
        return _counted(node.op for body in bodies for node in body)
    named = any(isinstance(value, FunctionName) for node in graph for value in node.attrs.values())
    if not named:
        return {}
    run = tensorflow().function(function_of(made), autograph=False)
    graphdef = run.get_concrete_function(*signature_of(case)).graph.as_graph_def()
    functions = {function.signature.name: function for function in graphdef.library.function}
    loops = [
        node
        for part in (graphdef.node, *(f.node_def for f in functions.values()))
        for node in part
        if node.op in _LOOPS
    ]
    waiting = [name for node in loops for name in _called(node)]
    reached: dict[str, None] = {}
    while waiting:
        name = waiting.pop()
        if name in functions and name not in reached:
            reached[name] = None
            waiting += [called for node in functions[name].node_def for called in _called(node)]
    skipped = {*_LOOPS, "Identity", "PartitionedCall", "StatefulPartitionedCall"}
    return _counted(node.op for name in reached for node in functions[name].node_def if node.op not in skipped)


def _called(node: Any) -> list[str]:
    own = [value.func.name for value in node.attr.values() if value.HasField("func")]
    return own + [each.name for value in node.attr.values() for each in value.list.func]


def _counted(ops: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(op for op in ops if op not in _NOT_COMPUTING).items()))


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:200]
