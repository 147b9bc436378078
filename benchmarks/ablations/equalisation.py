"""Cross-layer equalisation: factors are moved between consecutive layers, so that the channels of both are alike in size.

What one range per tensor costs most are channels that are small beside the largest. The function stays what it is; with factors
that are powers of two it does so to the last bit.

Source: Nagel, van Baalen, Blankevoort and Welling, "Data-Free Quantization Through Weight Equalization and Bias
Correction" (2019).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from tfjsci.calibrate.plain_ops import plain_ops
from tfjsci.graph.graph import Array, Constant, DType, Graph, Node
from tfjsci.quantize.simulated import with_values

from .links import Link, links_in

Wide = npt.NDArray[np.float64]
Size = Callable[[Wide], Wide]
"""[channels, values] -> how large each channel is."""

SWEEPS = 40
"""Over all links; a chain of n layers needs a few times n."""

STILL = 0.01
"""Of a factor's logarithm (to 2): the least that is another sweep's worth."""

MOST = 12.0
"""Of a factor's logarithm: a channel that is nearly dead has no size to speak of."""


LEAST = 1e-4
"""Of a channel's share of the largest range: a dead one has none."""


def largest(rows: Wide) -> Wide:
    """What ranges are made of: the paper's."""
    return np.asarray(np.abs(rows).max(axis=1))


def root_mean_square(rows: Wide) -> Wide:
    """What noise goes with."""
    return np.asarray(np.sqrt(np.mean(np.square(rows), axis=1)))


def equalised(graph: Graph, *, size: Size = largest, powers_of_two: bool = False, through_relu6: bool = False) -> Graph:
    """The same function with other weights; ``through_relu6`` puts a Minimum with 6/s behind a Relu where a Relu6 was."""
    found = links_in(plain_ops(graph), through_relu6=through_relu6)
    values = {name: np.asarray(graph.constants[name].value, np.float64) for link in found for name in _names(link)}
    logarithms = _balanced(found, values, size)
    changed: dict[str, Array] = {}
    caps: dict[str, Array] = {}
    for link, logarithm in zip(found, logarithms, strict=True):
        factor = np.exp2(np.rint(logarithm) if powers_of_two else logarithm)
        _move(link, factor, values)
        caps |= {name: (6.0 / factor).astype(np.float32) for name in link.capped}
    changed |= {name: value.astype(graph.constants[name].value.dtype) for name, value in values.items()}
    return _capped(with_values(graph, changed), caps)


def ranges_moved(graph: Graph) -> Graph:
    """The same function with channels of one range each, for one scale a tensor: what differs is moved to whoever reads them.

    Layer after layer, so that the last one, which nobody reads, has what is left of it all. A scale for each channel that costs
    no initializer: the codes are those of ``uint8-per-channel``.
    """
    found = links_in(plain_ops(graph))
    values = {name: np.asarray(graph.constants[name].value, np.float64) for link in found for name in _names(link)}
    for link in found:
        rows = _made_rows(link, values[link.weight])
        reach = np.maximum(rows.max(axis=1), 0) - np.minimum(rows.min(axis=1), 0)
        _move(link, np.maximum(reach / max(float(reach.max()), LEAST), LEAST), values)
    return with_values(graph, {name: value.astype(np.float32) for name, value in values.items()})


def _names(link: Link) -> list[str]:
    return [link.weight, *link.biases, *(read.weight for read in link.reads)]


def _balanced(found: Sequence[Link], values: Mapping[str, Wide], size: Size) -> list[Wide]:
    """Of each link, the logarithms of its factors: what its channels are divided by where they are made."""
    now = dict(values)
    logarithms = [np.zeros(link.channels) for link in found]
    for _ in range(SWEEPS):
        moved = 0.0
        for i, link in enumerate(found):
            made = size(_made_rows(link, now[link.weight]))
            read = np.max([size(_read_rows(link, now[each.weight], each.axis)) for each in link.reads], axis=0)
            known = (made > 0) & (read > 0)
            step = np.where(known, np.log2(np.where(known, made, 1) / np.where(known, read, 1)) / 2, 0.0)
            step = np.clip(logarithms[i] + step, -MOST, MOST) - logarithms[i]
            _move(link, np.exp2(step), now)
            logarithms[i] += step
            moved = max(moved, float(np.abs(step).max()))
        if moved < STILL:
            break
    return logarithms


def _move(link: Link, factor: Wide, values: dict[str, Wide]) -> None:
    """Divide where the channels are made, multiply where they are read. The arrays are new ones."""
    made = values[link.weight]
    shape = [size if axis in link.axes else 1 for axis, size in enumerate(made.shape)]
    values[link.weight] = made / factor.reshape(shape)
    for name in link.biases:
        values[name] = values[name] / factor
    for read in link.reads:
        value = values[read.weight]
        spread = np.tile(factor, value.shape[read.axis] // link.channels)
        values[read.weight] = value * spread.reshape([-1 if axis == read.axis else 1 for axis in range(value.ndim)])


def _made_rows(link: Link, value: Wide) -> Wide:
    others = [axis for axis in range(value.ndim) if axis not in link.axes]
    return value.transpose([*link.axes, *others]).reshape(link.channels, -1)


def _read_rows(link: Link, value: Wide, axis: int) -> Wide:
    rows = np.moveaxis(value, axis, 0).reshape(-1, link.channels, value.size // value.shape[axis])
    return rows.transpose(1, 0, 2).reshape(link.channels, -1)


def _capped(graph: Graph, caps: Mapping[str, Array]) -> Graph:
    """Relu6, fused or not, as Relu and a Minimum with the caps."""
    nodes: list[Node] = []
    constants = dict(graph.constants)
    for node in graph.nodes:
        if node.name not in caps:
            nodes.append(node)
            continue
        relu, cap = f"{node.name}/relu", f"{node.name}/cap"
        constants[cap] = Constant(value=caps[node.name])
        nodes += [
            _with_relu(node, relu),
            Node(name=cap, op="Const", attrs={"dtype": DType("float32")}),
            Node(name=node.name, op="Minimum", inputs=(relu, cap), attrs={"T": DType("float32")}),
        ]
    return replace(graph, nodes=tuple(nodes), constants=constants) if caps else graph


def _with_relu(node: Node, name: str) -> Node:
    if node.op == "Relu6":
        return replace(node, name=name, op="Relu")
    fused = node.attrs["fused_ops"]
    assert isinstance(fused, tuple)
    return replace(node, name=name, attrs={**node.attrs, "fused_ops": tuple(_relu(each) for each in fused)})


def _relu(operation: object) -> bytes:
    assert isinstance(operation, bytes)
    return b"Relu" if operation == b"Relu6" else operation
