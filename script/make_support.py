#!/usr/bin/env python3
"""Makes tfjsci/rewrite/support.json: which examples of the catalogue's ops run natively, which lowered, which not at all.

    script/make_support.py

Every case of tests/browser/op_cases for which the check finds a problem is lowered for each backend by itself, as a conversion
does it, and checked again. Needs TensorFlow, no browser: tests/browser holds check and lowerings against real ones.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
for _place in (ROOT, ROOT / "tests", ROOT / "tests" / "browser"):
    sys.path.insert(0, str(_place))

from lowering_cases import complete_attrs  # noqa: E402
from op_cases import CASES, OpCase  # noqa: E402
from tensorflow.python.framework import op_def_registry  # noqa: E402

from tfjsci.catalog.catalog import load_catalog  # noqa: E402
from tfjsci.catalog.check import check_ops, problems_of  # noqa: E402
from tfjsci.dtypes import BACKENDS, Backend  # noqa: E402
from tfjsci.graph.graph import Array, AttrValue, Constant, DType, Graph, GraphError, Node, Shape, ShapeAttr  # noqa: E402
from tfjsci.graph.graphdef import infer_types  # noqa: E402
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow  # noqa: E402
from tfjsci.rewrite.pipeline import rewrite  # noqa: E402
from tfjsci.rewrite.support import SUPPORT_FILE, CaseAnswer  # noqa: E402


def fed(case: OpCase) -> Graph:
    """The case's graph with data as inputs, so that it isn't folded; what the runtime reads as a parameter stays constant."""
    entry = load_catalog().ops[case.op]
    count = len(case.node.inputs)
    tensors: set[str] = set()
    for parameter in entry.inputs:
        if parameter.type not in ("tensor", "tensors"):
            continue
        start = parameter.start % count if count else 0
        end = start + 1 if parameter.end is None else count + parameter.end if parameter.end <= 0 else parameter.end
        tensors |= set(case.node.inputs[start:end])
    graph = case.graph

    def fed_with(name: str, dtype: str, shape: Shape) -> Node:
        return Node(name=name, op="Placeholder", attrs={"dtype": DType(dtype), "shape": ShapeAttr(shape)})

    def given(node: Node) -> list[Node]:
        """Complex numbers come of their parts, as inside of a model: no model takes them from outside."""
        known = graph.type_of(node.name)
        assert known is not None
        if known.dtype != "complex64":
            return [fed_with(node.name, known.dtype, known.shape)]
        parts = [f"{node.name}/real", f"{node.name}/imag"]
        attrs: dict[str, AttrValue] = {"T": DType("float32"), "Tout": DType("complex64")}
        whole = Node(name=node.name, op="Complex", inputs=tuple(parts), attrs=attrs)
        return [*(fed_with(part, "float32", known.shape) for part in parts), whole]

    def made(node: Node) -> list[Node]:
        if node.name in tensors and node.op == "Const":
            return given(node)
        return [replace(node, attrs=whole_attrs(case)) if node is case.node else node]

    constants = {name: Constant(value=as_claimed(case, name)) for name in graph.constants if name not in tensors}
    nodes = tuple(each for node in graph.nodes for each in made(node))
    return in_parts(replace(graph, nodes=nodes, constants=constants, types={}))


def in_parts(graph: Graph) -> Graph:
    """The graph with complex outputs as their parts, which is how a model gives them to anyone."""
    types = infer_types(graph)
    nodes, outputs = list(graph.nodes), []
    for i, tensor in enumerate(graph.outputs):
        if types[tensor].dtype != "complex64":
            outputs.append(tensor)
            continue
        for op in ("Real", "Imag"):
            attrs: dict[str, AttrValue] = {"T": DType("complex64"), "Tout": DType("float32")}
            nodes.append(Node(name=f"output{i}/{op}", op=op, inputs=(tensor,), attrs=attrs))
            outputs.append(f"output{i}/{op}")
    return replace(graph, nodes=tuple(nodes), outputs=tuple(outputs), types=types)


def as_claimed(case: OpCase, name: str) -> Array:
    """A constant in the dtype that the case claims for it (int64 is carried as int32)."""
    value, known = case.graph.constants[name].value, case.graph.type_of(name)
    return value if known is None or known.dtype == "string" else value.astype(known.dtype)


def whole_attrs(case: OpCase) -> dict[str, AttrValue]:
    """The node's attributes with those that a case leaves out: TensorFlow asks for all of them."""
    node = case.node
    values = [as_claimed(case, name) for name in node.inputs if name in case.graph.constants]
    if len(values) < len(node.inputs):
        return dict(node.attrs)
    definition = op_def_registry.get(node.op)
    inferred = {name for arg in definition.input_arg for name in (arg.type_attr, arg.number_attr, arg.type_list_attr)}
    return complete_attrs(node.op, values, {key: value for key, value in node.attrs.items() if key not in inferred})


def answer(case: OpCase, backend: Backend) -> CaseAnswer:
    """What a conversion for this backend makes of the case."""
    if not check_ops(case.graph, [backend]).unsupported:
        return "native"
    try:
        graph = fed(case)
        problems = partial(problems_of, backends=[backend])
        after = rewrite(graph, evaluate=evaluate_in_tensorflow, infer=infer_types, problems=problems)
    except (ValueError, GraphError):
        return "no"  # a node that TensorFlow itself refuses
    return "no" if check_ops(after.graph, [backend]).unsupported else "lowered"


def is_of_tensorflow(case: OpCase) -> bool:
    """Not one of the runtime's own ops, which no model has and only our rules make."""
    return not case.op.startswith("_") and all(op_def_registry.get(node.op) is not None for node in case.graph)


def support() -> str:
    """The file's text."""
    found = {
        case.name: {backend: answer(case, backend) for backend in BACKENDS}
        for case in sorted(CASES, key=lambda case: case.name)
        if case.op in load_catalog().ops and is_of_tensorflow(case) and check_ops(case.graph, BACKENDS).unsupported
    }
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in found.items())
    return f'{{\n "cases": {{\n{lines}\n }}\n}}\n'


if __name__ == "__main__":
    SUPPORT_FILE.write_text(support(), encoding="utf-8")
    print(f"{SUPPORT_FILE.relative_to(ROOT)}: written")
