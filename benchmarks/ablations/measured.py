"""A variant that needs no place of its own: its outputs simulated in TensorFlow, its bytes written and thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tfjsci.artifact.quantize import Quantization, Quantizations
from tfjsci.calibrate.samples import by_node, calls_of
from tfjsci.calibrate.variant import schemes_of
from tfjsci.converter import Converted, write_variant
from tfjsci.graph.graph import Array, Graph
from tfjsci.quantize.channels import channel_axes
from tfjsci.quantize.quantizer import quantize_weight, stored_values
from tfjsci.quantize.scheme import Scheme
from tfjsci.quantize.simulated import with_values
from tfjsci.quantize.weight import QuantizedWeight

from ..quantized.ablation import simulated
from ..quantized.measured import Figures, brotli_bytes
from ..trained.models import Samples
from ..trained.net import Trained

Weights = dict[str, QuantizedWeight]


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A trained net on the bench: what is converted, and what it is calibrated and measured with."""

    net: Trained
    samples: Samples
    converted: Converted

    @property
    def graph(self) -> Graph:
        """The float graph."""
        return self.converted.graph

    @property
    def calls(self) -> list[dict[str, Array]]:
        """The samples for calibration, by the graph's inputs."""
        inputs = self.converted.inputs
        calls, _ = calls_of(inputs, {self.samples.input_name: self.samples.calibration})
        return by_node(self.graph, inputs, calls)

    def with_graph(self, graph: Graph) -> Bench:
        """The same with another graph of the same inputs and outputs."""
        converted = replace(self.converted, rewritten=replace(self.converted.rewritten, graph=graph))
        return replace(self, converted=converted)

    def with_constants(self, values: Mapping[str, Array]) -> Bench:
        """The same with other values of these constants."""
        return self.with_graph(with_values(self.graph, values))


def schemes(bench: Bench, scheme: Scheme) -> dict[str, Scheme]:
    """The weights that are quantised, each with the scheme that it gets."""
    return schemes_of(bench.graph, Quantization(scheme=scheme, small_weights="quantized"))


def nearest(bench: Bench, scheme: Scheme) -> Weights:
    """All of these rounded without samples, as the converter does it."""
    return {
        name: quantize_weight(
            np.asarray(bench.graph.all_constants[name].value, np.float32),
            each,
            axes=channel_axes(bench.graph, name) or (),
        )
        for name, each in schemes(bench, scheme).items()
    }


def measured(bench: Bench, scheme: Scheme, weights: Weights, *, values: Mapping[str, Array] | None = None) -> Figures:
    """``sqnr_db`` and the like, ``brotli_bytes`` of the artifact, and how many ``weights`` are quantised.

    ``values``: what the weights stand for, where it isn't what their codes say.
    """
    stands_for = {name: weight.values() for name, weight in weights.items()} if values is None else values
    return _written(bench, Quantization(scheme=scheme, small_weights="quantized"), weights, stands_for)


def small_apart(bench: Bench, scheme: Scheme) -> Figures:
    """The scheme as it is by default, with the smallest weights as float16."""
    graph, quantization = bench.graph, Quantization(scheme=scheme)
    values = {
        name: stored_values(graph.all_constants[name].value, each, axes=channel_axes(graph, name) or ())
        for name, each in schemes_of(graph, quantization).items()
    }
    figures = _written(bench, quantization, {}, values)
    return {**figures, "weights": sum(value.size for value in values.values())}


def _written(bench: Bench, quantization: Quantizations, weights: Weights, values: Mapping[str, Array]) -> Figures:
    figures = simulated(bench.net, bench.samples, bench.converted, values)
    with tempfile.TemporaryDirectory() as folder:
        artifact = Path(folder) / "model"
        write_variant(bench.converted, artifact, quantization=quantization, prepared=weights)
        size = brotli_bytes(artifact)
    return {**figures, "brotli_bytes": size, "weights": sum(weight.codes.size for weight in weights.values())}
