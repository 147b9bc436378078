"""Bias correction: what quantisation adds to the mean of each channel of a layer's output is taken off its bias.

The means come from samples, layer by layer with those before it quantised and corrected; or from batch norm's statistics alone:
behind one a channel is β ± |γ|, behind its Relu the clipped normal's mean, and what the weight's error makes of that is known.

Source: Nagel, van Baalen, Blankevoort and Welling, "Data-Free Quantization Through Weight Equalization and Bias
Correction" (2019).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tfjsci.calibrate.layout import rows_of
from tfjsci.calibrate.patches import patches
from tfjsci.calibrate.plain_ops import plain_ops
from tfjsci.calibrate.readings import Reading, readings_of
from tfjsci.converter import Converted
from tfjsci.graph.graph import Array, Graph, Node
from tfjsci.graph.running import runnable
from tfjsci.quantize.simulated import with_values

Wide = npt.NDArray[np.float64]
Values = Mapping[str, Array]


@dataclass(frozen=True, kw_only=True)
class Biased:
    """A layer: ``weight`` is multiplied with what ``reading`` says, ``bias`` is added, ``tensor`` comes out."""

    weight: str
    bias: str
    tensor: str
    reading: Reading


def by_samples(graph: Graph, values: Values, calls: Sequence[Values]) -> dict[str, Array]:
    """Biases for the weights that have ``values``, by the means over ``calls``."""
    plain = plain_ops(graph)
    layers = [each for each in _biased(plain) if each.weight in values]
    wanted = _means(plain, [each.tensor for each in layers], calls)
    made: dict[str, Array] = {}
    for layer, mean in zip(layers, wanted, strict=True):
        (now,) = _means(with_values(plain, {**values, **made}), [layer.tensor], calls)
        made[layer.bias] = _moved(graph, layer.bias, mean - now)
    return made


def by_statistics(converted: Converted, values: Values) -> dict[str, Array]:
    """Biases for the weights that have ``values``, where batch norm tells the mean of what comes to them."""
    plain = plain_ops(converted.graph)
    means = _known_means(plain, converted.loaded.graph)
    made: dict[str, Array] = {}
    for layer in _biased(plain):
        mean = means.get(layer.reading.activation)
        if layer.weight not in values or mean is None:
            continue
        off = values[layer.weight].astype(np.float64) - plain.constants[layer.weight].value
        rows = rows_of(off, layer.reading.layout)
        shift = np.einsum("bk,bko->bo", _row_means(plain, layer.reading, mean, rows.shape), rows)
        made[layer.bias] = _moved(converted.graph, layer.bias, -shift.reshape(-1))
    return made


def _moved(graph: Graph, bias: str, by: Wide) -> Array:
    value = graph.constants[bias].value
    return np.asarray(value + by.reshape(value.shape), value.dtype)


def _biased(graph: Graph) -> Iterator[Biased]:
    """The layers whose bias nobody else reads, from the inputs on."""
    for node in graph.nodes:
        weight = node.inputs[1] if len(node.inputs) == 2 and node.inputs[1] in graph.constants else None
        adds = graph.readers.get(node.name, ())
        if weight is None or len(adds) != 1 or adds[0].op not in {"BiasAdd", "Add", "AddV2"}:
            continue
        found = readings_of(graph, weight)
        bias = next((each for each in adds[0].inputs if each in graph.constants), None)
        if isinstance(found, str) or len(found) != 1 or bias is None or len(graph.readers[bias]) != 1:
            continue
        if graph.constants[bias].value.ndim == 1:
            yield Biased(weight=weight, bias=bias, tensor=adds[0].name, reading=found[0])


def _means(graph: Graph, tensors: Sequence[str], calls: Sequence[Values]) -> list[Wide]:
    """Of each tensor's channels, over all calls."""
    run = runnable(replace(graph, outputs=tuple(tensors)).pruned())
    sums: list[Wide] = []
    counts = [0] * len(tensors)
    for call in calls:
        rows = [value.reshape(-1, value.shape[-1]).astype(np.float64) for value in run(call)]
        sums = [each.sum(axis=0) + (sums[i] if sums else 0.0) for i, each in enumerate(rows)]
        counts = [count + len(each) for count, each in zip(counts, rows, strict=True)]
    return [total / count for total, count in zip(sums, counts, strict=True)]


def _row_means(graph: Graph, reading: Reading, mean: Wide, shape: tuple[int, ...]) -> Wide:
    """[blocks, K]: the mean of what each row of the weight is multiplied with, zeros around an image among it."""
    blocks, size, _ = shape
    if reading.windows is None:
        return np.broadcast_to(mean, (blocks, size))
    known = graph.type_of(reading.activation)
    assert known is not None
    assert known.shape is not None
    _, height, width, _ = known.shape
    assert height is not None
    assert width is not None
    (ones,) = patches(np.ones((1, height, width, 1), np.float32), reading.windows)
    within = ones.mean(axis=0)[:, 0]  # the share of positions at which a tap lies within the image
    if reading.layout == "depthwise":
        return np.asarray(mean[:, None] * within[None, :])
    return np.asarray((within[:, None] * mean[None, :]).reshape(1, -1))


def _known_means(graph: Graph, original: Graph) -> dict[str, Wide]:
    """By tensor, what batch norm says of the mean of each channel."""
    normals = _normals(graph, original)
    means: dict[str, Wide] = {}
    for node in graph.nodes:
        found = _mean_of(node, normals, means)
        if found is not None:
            means[node.name] = found
    return means


def _normals(graph: Graph, original: Graph) -> dict[str, tuple[Wide, Wide]]:
    """The mean and the deviation of what a bias that batch norm was folded into gives, by tensor: its β and |γ|."""
    variables = {each.sources[0]: each.value for each in original.all_constants.values() if len(each.sources) == 1}
    found: dict[str, tuple[Wide, Wide]] = {}
    for node in graph.nodes:
        if node.op not in {"BiasAdd", "Add", "AddV2"}:
            continue
        sources = [
            source for each in node.inputs if each in graph.constants for source in graph.constants[each].sources
        ]
        beta, gamma = (
            [variables[each] for each in sources if each in variables and each.rpartition("/")[2] == name]
            for name in ("beta", "gamma")
        )
        if len(beta) == len(gamma) == 1:
            found[node.name] = beta[0].astype(np.float64), np.abs(gamma[0].astype(np.float64))
    return found


def _mean_of(node: Node, normals: Mapping[str, tuple[Wide, Wide]], means: Mapping[str, Wide]) -> Wide | None:
    if node.name in normals:
        return normals[node.name][0]
    read = node.inputs[0] if node.inputs else ""
    if node.op in {"Relu", "Relu6"} and read in normals:
        return _clipped_mean(*normals[read], most=6.0 if node.op == "Relu6" else None)
    if node.op in {"Mean", "AvgPool", "Identity"}:
        return means.get(read)
    if node.op in {"Add", "AddV2"} and all(each in means for each in node.inputs):
        return means[node.inputs[0]] + means[node.inputs[1]]
    return None


def _clipped_mean(mean: Wide, deviation: Wide, *, most: float | None) -> Wide:
    """Of a normal variable below 0 that is 0 there, and above ``most`` as much."""
    above = _mean_above(mean, deviation)
    return above if most is None else above - _mean_above(mean - most, deviation)


def _mean_above(mean: Wide, deviation: Wide) -> Wide:
    """E[max(x, 0)] = μ Φ(μ/σ) + σ φ(μ/σ)."""
    sigma = np.maximum(deviation, 1e-12)
    ratio = mean / sigma
    erf = np.array([math.erf(each / math.sqrt(2)) for each in ratio])
    return np.asarray(mean * (1 + erf) / 2 + sigma * np.exp(-(ratio**2) / 2) / math.sqrt(2 * math.pi))
