"""The order of the rewriting stages, with the reason for each place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tfjsci.graph.calls import LOOPS, calls
from tfjsci.graph.graph import Graph
from tfjsci.rewrite.bypass import without_control_edges, without_pass_ons
from tfjsci.rewrite.carried import with_plain_floats, with_plain_integers
from tfjsci.rewrite.centred_streams import CENTRED_STREAMS
from tfjsci.rewrite.control.counters import with_counters_apart
from tfjsci.rewrite.control.hoist import PRODUCTS
from tfjsci.rewrite.control.loops import with_lists_in_place, with_plain_loops, without_products_of_loops
from tfjsci.rewrite.control.parts import everywhere
from tfjsci.rewrite.control.runtime import for_the_runtime
from tfjsci.rewrite.control.types import with_types
from tfjsci.rewrite.fold_constants import Evaluator, fold_constants
from tfjsci.rewrite.groups import (
    BETWEEN_PRODUCTS,
    BIASES_IN_LOOPS,
    BROADCASTS,
    BY_PRODUCTS,
    FOLDING,
    FUSING,
    GATES,
    LAYOUT,
    LOOK_UPS,
    ONE_BY_ONE,
    PACKED,
    PARTED,
    PARTS,
    PICKING,
    RECOVERING,
    ROWS,
    SIZES,
    SLOPES,
    SPELLING,
    SPLITTING,
    SUMS,
)
from tfjsci.rewrite.loops_together import LOOPS_TOGETHER
from tfjsci.rewrite.lower import Infer, Problems, lower
from tfjsci.rewrite.lowerings import all_lowerings
from tfjsci.rewrite.naming import with_plain_names
from tfjsci.rewrite.outputs_apart import with_outputs_apart
from tfjsci.rewrite.parameters_apart import with_parameters_apart
from tfjsci.rewrite.rules import rules_of
from tfjsci.rewrite.share_constants import with_shared_constants, with_weights_stored_once
from tfjsci.rewrite.share_nodes import SIZES as SIZES_OPS
from tfjsci.rewrite.share_nodes import with_shared_nodes
from tfjsci.rewrite.stage import (
    Done,
    Means,
    RewrittenGraph,
    Stage,
    Whole,
    at_once,
    in_loops,
    moving,
    off_the_gpu,
    on_gpus_alone,
    plain,
    ruled,
)
from tfjsci.rewrite.symbolic.sizes import sharpened
from tfjsci.rewrite.unfused import unfused
from tfjsci.rewrite.unread_parts import with_read_parts_alone


def _lowering(so_far: RewrittenGraph, means: Means) -> RewrittenGraph:
    if means.problems is None:
        return so_far
    lowerings = [lowering for lowering in all_lowerings() if lowering.name not in means.without]
    graph, lowered = lower(so_far.graph, lowerings, problems=means.problems, infer=means.infer, catalog=means.catalog)
    return replace(so_far, graph=graph, lowered=lowered)


def _constants_of_lowerings(so_far: RewrittenGraph, means: Means) -> RewrittenGraph:
    if not so_far.lowered:
        return so_far
    return replace(so_far, graph=everywhere(fold_constants(so_far.graph, means.evaluate), with_shared_constants))


def _reckoned(graph: Graph, means: Means) -> Graph:
    """What sizes that are constants now are reckoned with, and what is reckoned twice."""
    folded = everywhere(fold_constants(graph, means.evaluate), with_shared_constants)
    return with_shared_nodes(folded, ops=SIZES_OPS)


def _products_of_loops(graph: Graph, means: Means) -> Done:
    if PRODUCT_BEFORE_LOOP.name in means.without:
        return graph, 0, ()
    moved = without_products_of_loops(graph, means.infer)
    return moved, _inside(graph, PRODUCTS) - _inside(moved, PRODUCTS), ()


def _parts(graph: Graph, _: Means) -> Graph:
    """What is split twice alike is split once; a part that is left is cut out alone."""
    shared = with_shared_nodes(everywhere(graph, with_shared_constants), ops=PARTED)
    return everywhere(shared, with_read_parts_alone)


def _equal_parts(graph: Graph, means: Means) -> Graph:
    if not any(node.op in SPLITTING for _, part in graph.walk() for node in part.nodes):
        return graph
    return with_types(_parts(graph, means), means.infer)


def _shared(graph: Graph, _: Means) -> Graph:
    """What each step of a layer made of the same is made once."""
    return with_shared_nodes(everywhere(graph, with_shared_constants))


def _long_loops(graph: Graph, means: Means) -> Done:
    if means.unroll_loops is None and UNROLLED_LOOPS.name in means.without:
        return graph, 0, ()
    unrolled = with_plain_loops(graph, means.evaluate, means.infer, limit=means.unroll_loops)
    left = {node.name for _, node in calls(unrolled)}
    return unrolled, sum(node.op in LOOPS and node.name not in left for _, node in calls(graph)), ()


def _inside(graph: Graph, ops: frozenset[str]) -> int:
    """How many of these ops are in functions."""
    return sum(node.op in ops for body in graph.functions.values() for node in body.graph.nodes)


PRODUCT_BEFORE_LOOP = Whole(
    name="product_before_loop",
    equation="for t: x[t] * W + h * U -> y = x * W; for t: y[t] + h * U",
    change=_products_of_loops,
)
UNROLLED_LOOPS = Whole(
    name="unrolled_loops",
    equation="a loop whose turns are known -> its body, once for each turn",
    change=_long_loops,
)


def _read_parts_alone(graph: Graph, means: Means) -> Graph:
    cut = everywhere(graph, with_read_parts_alone)
    if all(part.nodes is before.nodes for (_, part), (_, before) in zip(cut.walk(), graph.walk(), strict=True)):
        return graph
    return with_types(cut, means.infer)


STAGES: tuple[Stage, ...] = (
    # first: a control edge would keep nodes apart that belong together
    plain("control edges", lambda graph, _: without_control_edges(graph)),
    plain("pass-ons", lambda graph, means: without_pass_ons(graph, keep_debug=means.keep_debug_ops)),
    # before folding, which asks how large a result would be
    plain("types", lambda graph, means: with_types(graph, means.infer)),
    # before the rules, which want batch norm's factors as constants
    plain("constants", lambda graph, means: fold_constants(graph, means.evaluate)),
    # before all that asks for shapes, and for what a branch or a loop hangs on
    moving("sizes", SIZES + BROADCASTS, _reckoned),
    # after sizes, which tell where a part begins
    plain("unread parts", _read_parts_alone),
    # after folding, which tells how often some loops turn; before all that works on what is in them
    plain("loops", lambda graph, means: with_plain_loops(graph, means.evaluate, means.infer)),
    # after folding, which rounds weights as the original does
    plain("floats", lambda graph, _: with_plain_floats(graph)),
    # after folding, which makes the equal ones
    plain("equal constants", lambda graph, _: everywhere(graph, with_shared_constants)),
    # before products are taken out of loops: the bias of a cell goes with the product of what comes in
    in_loops("biases in loops", BIASES_IN_LOOPS),
    # before the rules, which fuse into the product that was taken out of a loop as into any
    at_once("products of loops", PRODUCT_BEFORE_LOOP),
    # after that, which leaves less in them that reads weights; before they are unrolled, so that either kind has less to do
    at_once("loops together", LOOPS_TOGETHER),
    # after products are taken out, of all turns at once
    at_once("long loops", UNROLLED_LOOPS),
    # after that, which tells at which places most are read and written
    plain("lists", lambda graph, means: with_lists_in_place(graph, means.evaluate, means.infer)),
    moving("look-ups", LOOK_UPS),
    # before lowering, which would take an op apart further that TensorFlow took apart
    ruled("recovering", RECOVERING),
    # before the rules: what is lowered may be folded and fused like anything else
    Stage(name="lowering", run=_lowering),
    # a lowering computes on weights, too: a grouped kernel is split
    Stage(name="constants of lowerings", run=_constants_of_lowerings),
    # a lowering reads sizes where it needs them, too
    moving("sizes of lowerings", SIZES, _reckoned),
    # after lowering, which takes Erfc apart; before the others, which fold what is left of the constants
    moving("spelling", SPELLING),
    # before folding: a convolution and its batch norm must meet
    moving("layout", LAYOUT),
    # before folding, too: nor may a Reshape keep a product from its bias
    moving("rows", ROWS),
    # after rows, which makes the Reshapes that meet here
    moving("between products", BETWEEN_PRODUCTS),
    # once all are told where there are rows; before folding, which makes weights of what is gone afterwards
    moving("picking", PICKING),
    # by steps, which ask for the shapes of what was made
    moving("folding", FOLDING),
    # after folding: of one layer alone its rule does the same, and what scales a layer is in its weights
    at_once("streams", CENTRED_STREAMS),
    # what slices were made Splits of is one Split; the rule finds by that what belongs together
    plain("equal parts", _equal_parts),
    moving("parts together", PARTS, _parts),
    ruled("slopes", SLOPES),
    off_the_gpu("products one by one", ONE_BY_ONE, rules_of("axis_of_parts"), why="more kernels are more to start"),
    off_the_gpu("copies", rules_of("tile_as_copies"), pays_on=("wasm", "cpu"), why="a Tile is the faster one"),
    on_gpus_alone("gates", GATES, between=_shared, why="a product of matrices takes longer than one of each"),
    on_gpus_alone("by products", BY_PRODUCTS, pays_on=("webgl",), why="a reduction is one kernel and a fast one"),
    on_gpus_alone("packed", PACKED, why="it is no faster"),
    on_gpus_alone("sums in products", SUMS, why="a product takes in a vector and nothing else", fusing=True),
    ruled("fusing", FUSING),
    # once more: a rule makes a bias at every step of an unrolled layer
    plain("equal constants of rules", lambda graph, _: everywhere(graph, with_shared_constants)),
    # after the rules, which look at variables one by one
    plain("equal weights", lambda graph, _: everywhere(graph, with_weights_stored_once)),
    # after equal constants, which are what equal nodes read
    plain("equal nodes", lambda graph, _: with_shared_nodes(graph)),
    plain("integers", lambda graph, _: with_plain_integers(graph)),
    # after the last sharing, which makes one of an axis and a number that is added
    plain(
        "parameters",
        lambda graph, means: everywhere(graph, lambda part: with_parameters_apart(part, means.catalog)),
    ),
    # after all that takes an Identity out, and makes one of two nodes
    plain("outputs", lambda graph, _: with_outputs_apart(graph)),
    plain(
        "loops for the runtime",
        # TensorFlow is asked about plain ops: its fused ones are others
        lambda graph, means: (
            for_the_runtime(
                with_counters_apart(with_types(graph, lambda part: means.infer(unfused(part))), means.catalog)
            )
            if graph.functions
            else graph
        ),
    ),
    # last: until here names tell where a node came from
    plain("names", lambda graph, _: with_plain_names(graph)),
)
"""All of them, in order."""

RULES = tuple(dict.fromkeys(rule for stage in STAGES for rule in stage.rules))
"""In the order in which they are tried; one that is in two stages stands where it is first."""


def _sharpening(means: Means) -> Means:
    """The same, with inference that is told what is known beyond it."""
    return replace(means, infer=lambda graph: sharpened(graph.with_types(means.infer(graph))))


def rewrite(
    graph: Graph,
    *,
    evaluate: Evaluator,
    infer: Infer,
    problems: Problems | None = None,
    keep_debug_ops: bool = False,
    without: frozenset[str] = frozenset(),
) -> RewrittenGraph:
    """All the stages, in order; the arguments are those of :class:`Means`."""
    means = Means(evaluate=evaluate, infer=infer, problems=problems, keep_debug_ops=keep_debug_ops, without=without)
    return rewrite_with(graph, means)


def rewrite_with(graph: Graph, means: Means) -> RewrittenGraph:
    """All the stages, in order."""
    so_far, means = RewrittenGraph(graph=graph, applied={}, refusals=()), _sharpening(means)
    for stage in STAGES:
        so_far = stage.run(so_far, means)
    return so_far


def stages(graph: Graph, means: Means) -> Iterator[tuple[Stage, RewrittenGraph]]:
    """The same, with what there is after each: one at a time, so that whoever lets go of one keeps none alive."""
    so_far, means = RewrittenGraph(graph=graph, applied={}, refusals=()), _sharpening(means)
    for stage in STAGES:
        so_far = stage.run(so_far, means)
        yield stage, so_far


def names_of_rules() -> tuple[str, ...]:
    """All that can be left out: rules, what is done to loops, then lowerings."""
    wholes = (each.name for stage in STAGES for each in stage.wholes)
    return (*(rule.name for rule in RULES), *wholes, *(lowering.name for lowering in all_lowerings()))
