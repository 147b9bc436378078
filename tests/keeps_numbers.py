"""Whether rewriting keeps the numbers: as a run verifies it; in each stage, and by the rules of each file alone, in float64.

In float64, because float noise is far below any slip there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from lowering_cases import Example
from random_graphs import in_float64

from tfjsci.catalog.check import problems_of
from tfjsci.dtypes import BACKENDS
from tfjsci.graph.graph import Array, Graph
from tfjsci.graph.graphdef import infer_types
from tfjsci.rewrite import rules
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.pipeline import STAGES, rewrite_with
from tfjsci.rewrite.rules import rules_of
from tfjsci.rewrite.stage import Means, RewrittenGraph
from tfjsci.verify.run import run_graph
from tfjsci.verify.verify import verify

PLAIN = Means(evaluate=evaluate_in_tensorflow, infer=infer_types)
FOR_ALL = replace(PLAIN, problems=partial(problems_of, backends=BACKENDS))

EXACT = 1e-9
"""Of the largest number that a float64 output has: noise is 1e-16 of what it is a difference of."""

SUMMED = 1e3
"""And of the largest that it may be a difference of."""

INTO_FLOAT32 = "floats"
"""The stage that carries float64 in float32."""

FIRST_OF_RULES = "spelling"
"""What is before this stage makes a graph plain: its constants are folded."""

RULE_FILES = sorted(path.stem for path in Path(rules.__file__).parent.glob("[!_]*.py"))


def assert_verified(example: Example) -> None:
    """What a run does: every output the same; what differs is told with its stage and rule."""
    after = rewrite_with(example.graph, FOR_ALL)
    outputs = [f"output {i}" for i in range(len(example.graph.outputs))]
    found = verify(example.graph, after.graph, inputs=example.inputs, outputs=outputs, means=FOR_ALL)
    assert found.status == "same", f"{found}\n{example.text}"


def ways(graph: Graph) -> Iterator[tuple[str, Graph]]:
    """What there is after each stage that changes something; and after the first ones, of what each stage of rules makes of the
    graph by itself, and each rule's file.
    """
    so_far = RewrittenGraph(graph=graph, applied={}, refusals=())
    plain: Graph | None = None
    for stage in STAGES:
        if stage.name == INTO_FLOAT32:
            continue
        if stage.name == FIRST_OF_RULES:
            plain = replace(so_far.graph, types=infer_types(so_far.graph))
        before, so_far = so_far, stage.run(so_far, PLAIN)
        if so_far.graph is not before.graph:
            yield f"after the stage {stage.name}", so_far.graph
        if plain is not None and stage.rules:
            alone = stage.run(RewrittenGraph(graph=plain, applied={}, refusals=()), PLAIN)
            if alone.applied:
                yield f"by the stage {stage.name} alone", alone.graph
    assert plain is not None
    for name in RULE_FILES:
        by_itself = apply_rules(plain, rules_of(name))
        if by_itself.applied:
            yield f"by {name} alone", by_itself.graph


def assert_exact(example: Example) -> None:
    wide = in_float64(example)
    if wide is None:
        return
    wanted = run_graph(wide.graph, wide.inputs, evaluate_in_tensorflow)
    for what, graph in ways(wide.graph):
        for i, (want, got) in enumerate(
            zip(wanted, run_graph(graph, wide.inputs, evaluate_in_tensorflow), strict=True)
        ):
            problem = difference(want, got)
            assert problem is None, f"{what}, output {i}: {problem}\n{example.text}"


def difference(want: Array, got: Array) -> str | None:
    if want.shape != got.shape or want.dtype != got.dtype:
        return f"{got.dtype}{list(got.shape)}, not {want.dtype}{list(want.shape)}"
    if not np.isfinite(want).all():
        return None
    off = float(np.abs(got - want).max(initial=0))
    return None if off <= EXACT * max(float(np.abs(want).max(initial=0)), SUMMED) else f"off by {off}"
