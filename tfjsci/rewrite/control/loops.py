"""Loops and branches made plain: no more of them, and no more in them, than the model needs."""

from __future__ import annotations

from tfjsci.graph.graph import Graph
from tfjsci.rewrite.control.branches import with_ifs, with_known_branches
from tfjsci.rewrite.control.hoist import with_products_hoisted
from tfjsci.rewrite.control.joined_lists import with_plain_lists
from tfjsci.rewrite.control.lists_as_tensors import with_lists_as_tensors
from tfjsci.rewrite.control.stacks import with_whole_stacks
from tfjsci.rewrite.control.turns import with_loops_unrolled, with_simple_conditions
from tfjsci.rewrite.control.types import Infer, with_types
from tfjsci.rewrite.control.variables import with_fewer_variables
from tfjsci.rewrite.fold_constants import Evaluator, fold_constants

_ROUNDS = 20
"""Loops in loops in branches: each round uncovers what is one deeper."""


def with_plain_loops(graph: Graph, evaluate: Evaluator, infer: Infer, *, limit: int | None = 1) -> Graph:
    """Branches that are known are chosen, variables that needn't be go, and loops are unrolled that ``with_loops_unrolled`` does.

    Without a ``limit`` said those that turn once or never.
    """
    for _ in range(_ROUNDS):
        if not graph.functions:
            break
        plain = with_simple_conditions(with_fewer_variables(with_ifs(with_known_branches(graph))))
        plain = with_loops_unrolled(plain, limit=limit)
        if plain is graph:
            break
        graph = fold_constants(with_types(plain, infer), evaluate)
    return graph


def with_lists_in_place(graph: Graph, evaluate: Evaluator, infer: Infer) -> Graph:
    """Lists as the runtime has them right, as long as they were made, and tensors where they can be."""
    for change in (with_plain_lists, with_whole_stacks, with_lists_as_tensors):
        changed = change(graph)
        graph = graph if changed is graph else fold_constants(with_types(changed, infer), evaluate)
    return graph


def without_products_of_loops(graph: Graph, infer: Infer) -> Graph:
    """What a loop computes of each step's input alone, computed before it; variables that it needs no more go."""
    if not graph.functions:
        return graph
    hoisted = with_products_hoisted(graph)
    return graph if hoisted is graph else with_types(with_fewer_variables(hoisted), infer)
