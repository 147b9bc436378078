"""A minimal model for an op that can't run: one node with the shapes and dtypes that it has in the user's model, no weights.

It is made to be sent: with a bug report, to this project or to TensorFlow.js. Constants that the runtime reads as parameters
(axes, sizes) are kept when they are small; whatever is larger becomes an input, so nothing of what was trained is in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tfjsci._version import __version__
from tfjsci.catalog.check import OpCheck, UnsupportedOp
from tfjsci.errors import OutputUnwritable
from tfjsci.escape import code, code_block, markdown_text
from tfjsci.graph.graph import AttrValue, Constant, DType, FunctionName, Graph, Node, ShapeAttr, TensorType, node_of
from tfjsci.graph.save import save_graph
from tfjsci.graph.show import show

SMALL = 64
"""Elements of a constant that is kept: axes, paddings and shapes are smaller, weights larger."""


@dataclass(frozen=True, kw_only=True)
class Reproducer:
    """``folder`` holds the SavedModel and a README; None where none could be made, for ``reason``."""

    op: str
    folder: Path | None
    reason: str = ""


def write_reproducers(check: OpCheck, graph: Graph, folder: Path) -> tuple[Reproducer, ...]:
    """One for each entry of ``check.unsupported``, below ``folder``, of the first node that has it.

    Raises ``OutputUnwritable`` when the folder can't be written.
    """
    made = []
    for number, op in enumerate(check.unsupported, start=1):
        name = re.sub(r"[^A-Za-z0-9_]", "_", op.op)
        made.append(_write(op, graph, folder / f"{number:02d}-{name}"))
    return tuple(made)


def _write(op: UnsupportedOp, graph: Graph, folder: Path) -> Reproducer:
    found = [place for name in op.nodes for place in graph.places(name)]
    if not found:
        return Reproducer(op=op.op, folder=None, reason="its node isn't in the graph any more")
    part, node = found[0]
    if any(isinstance(value, FunctionName) for value in node.attrs.values()):
        return Reproducer(
            op=op.op, folder=None, reason="it calls functions of the model, which would have to be sent along"
        )
    alone = one_node_graph(part, node)
    if alone is None:
        return Reproducer(op=op.op, folder=None, reason="the dtypes of its inputs aren't known")
    inputs = {each.name: each.name for each in alone.nodes if each.op == "Placeholder"}
    outputs = {f"output_{i}": tensor for i, tensor in enumerate(alone.outputs)}
    try:
        save_graph(alone, folder, inputs=inputs, outputs=outputs)
    except ValueError as error:
        return Reproducer(op=op.op, folder=None, reason=f"TensorFlow refuses it alone: {str(error).splitlines()[0]}")
    except OSError as error:
        raise OutputUnwritable(
            f"the reproducer {folder} can't be written: {error.strerror or error}", hint="Choose another folder."
        ) from error
    (folder / "README.md").write_text(_readme(op, alone), encoding="utf-8")
    return Reproducer(op=op.op, folder=folder)


def one_node_graph(graph: Graph, node: Node) -> Graph | None:
    """``node`` alone: its inputs as Placeholders ``input_0``…, small constants as they are. None if a dtype isn't known."""
    nodes: list[Node] = []
    constants: dict[str, Constant] = {}
    names: dict[str, str] = {}
    for tensor in node.inputs:
        if tensor in names:
            continue
        known, constant = graph.type_of(tensor), graph.constant(tensor)
        if known is None or known.dtype in ("resource", "variant"):
            return None
        if constant is not None and constant.value.size <= SMALL and not constant.sources:
            names[tensor] = f"constant_{len(constants)}"
            constants[names[tensor]] = Constant(value=constant.value)
            nodes.append(Node(name=names[tensor], op="Const", attrs={"dtype": DType(known.dtype)}))
            continue
        names[tensor] = f"input_{len(names) - len(constants)}"
        attrs: dict[str, AttrValue] = {"dtype": DType(known.dtype), "shape": ShapeAttr(known.shape)}
        nodes.append(Node(name=names[tensor], op="Placeholder", attrs=attrs))
    nodes.append(Node(name="op", op=node.op, inputs=tuple(names[tensor] for tensor in node.inputs), attrs=node.attrs))
    used = {t for reader in graph.readers.get(node.name, ()) for t in reader.inputs if node_of(t) == node.name}
    used |= {t for t in graph.outputs if node_of(t) == node.name}
    outputs = sorted({f"op:{index}" if (index := t.partition(":")[2]) else "op" for t in used}) or ["op"]
    types = {names[tensor]: known for tensor in names if isinstance(known := graph.type_of(tensor), TensorType)}
    return Graph(nodes=tuple(nodes), outputs=tuple(outputs), constants=constants, types=types)


def _readme(op: UnsupportedOp, graph: Graph) -> str:
    lines = [
        f"# {code(op.op)} in TensorFlow.js",
        "",
        f"This SavedModel has one op, {code(op.op)}, with the attributes, dtypes and shapes that it has in a larger model, and "
        "none of that model's weights.",
        "",
        f"- On {', '.join(op.backends)}: {markdown_text(op.reason)}.",
        f"- tfjsci {__version__}: {markdown_text(op.attempts)}.",
        "",
        code_block(show(graph, attrs=True, constants=True)),
        "",
        "To see it again: `tfjsci check .` in this folder.",
    ]
    return "\n".join(lines) + "\n"
