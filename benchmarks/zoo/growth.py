"""How long rewriting takes as a graph grows: ``python -m benchmarks.zoo.growth NODES`` prints seconds, by stage, as JSON.

A block as Keras writes it (a residual of convolutions with batch norm, then a transformer's encoder block) is loaded once; the
graph is a chain of copies of it, each with weights of its own. Nodes are counted without constants, before rewriting.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tfjsci.catalog.check import problems_of
from tfjsci.converter import computing_nodes_of
from tfjsci.dtypes import BACKENDS
from tfjsci.graph.graph import Constant, Graph, Node, node_of
from tfjsci.graph.graphdef import infer_types
from tfjsci.graph.remembered_types import RememberedTypes
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.load.load import LoadOptions, load
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.pipeline import stages
from tfjsci.rewrite.stage import Means

from .converting import digest_of_ours
from .places import ROOT
from .results import Figures, measured
from .weights import randomise

SIZES = (1000, 3000, 10000)
SIDE = 4
WIDTH = 16
HEADS = 2


def growth(nodes: int, *, quick: bool) -> Figures:
    """``seconds`` of rewriting a graph of about ``nodes`` nodes, those of a processor, and ``stages``, the slowest first."""

    def run() -> Figures:
        command = [sys.executable, "-m", "benchmarks.zoo.growth", str(nodes)]
        said = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
        figures: Figures = json.loads(said.strip().splitlines()[-1])
        return figures

    return measured("growth", str(nodes), of=digest_of_ours(), quick=quick, run=run)


def _block() -> Any:
    """(batch, 4, 4, 16) -> the same."""
    from .nets.encoder import encoder_block

    layers = keras().layers
    image = keras().Input((SIDE, SIDE, WIDTH))
    x = image
    for activation in ("relu", None):
        x = layers.Conv2D(WIDTH, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.Activation(activation)(x) if activation else x
    x = layers.ReLU()(layers.Add()([image, x]))
    x = encoder_block(layers.Reshape((SIDE * SIDE, WIDTH))(x), width=WIDTH, heads=HEADS)
    return keras().Model(image, layers.Reshape((SIDE, SIDE, WIDTH))(x))


def chain(block: Graph, copies: int) -> Graph:
    """The block ``copies`` times, each fed with what the one before gives. It has one input and one output."""
    (source,) = (node for node in block.nodes if node.op == "Placeholder")
    nodes: list[Node] = [source]
    constants: dict[str, Constant] = {}
    fed = source.name
    for i in range(copies):

        def renamed(tensor: str, i: int = i, fed: str = fed) -> str:
            return fed if node_of(tensor) == source.name else f"{i}/{tensor}"

        for node in block.nodes:
            if node is not source:
                inputs = tuple(renamed(tensor) for tensor in node.inputs)
                control = tuple(renamed(name) for name in node.control)
                nodes.append(replace(node, name=f"{i}/{node.name}", inputs=inputs, control=control))
        for name, constant in block.constants.items():
            # a weight is its own in each copy, or sharing equal ones would make the task smaller than it is
            weight = constant.value.dtype.kind == "f" and constant.value.size > 1
            value = np.multiply(constant.value, 1 + 1e-4 * i) if weight else constant.value
            constants[f"{i}/{name}"] = Constant(
                value=value.astype(constant.value.dtype), sources=tuple(f"{i}/{path}" for path in constant.sources)
            )
        fed = renamed(block.outputs[0])
    return Graph(nodes=tuple(nodes), outputs=(fed,), constants=constants)


def main(nodes: int) -> None:
    """Load the block, chain it, rewrite the chain."""
    tensorflow()
    keras().utils.set_random_seed(1)
    model = _block()
    randomise(model)
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False)
        block = load(Path(folder), format="auto", options=LoadOptions()).graph
    graph = chain(block, -(-nodes // computing_nodes_of(block)))
    means = Means(
        evaluate=evaluate_in_tensorflow,
        infer=RememberedTypes(infer_types),
        problems=partial(problems_of, backends=BACKENDS, catalog=None),
    )
    gc.disable()  # as the converter does meanwhile
    taken: dict[str, float] = {}
    rewritten = graph
    processor = time.process_time()
    before = start = time.perf_counter()
    for stage, after in stages(graph, means):
        now = time.perf_counter()
        taken[stage.name] = now - before
        before, rewritten = now, after.graph
    print(
        "\n"
        + json.dumps(
            {
                "seconds": before - start,
                "processor_seconds": time.process_time() - processor,
                "nodes_before": computing_nodes_of(graph),
                "all_nodes_before": len(graph.nodes),
                "nodes_after": computing_nodes_of(rewritten),
                "stages": dict(sorted(taken.items(), key=lambda each: -each[1])),
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
