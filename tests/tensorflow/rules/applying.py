"""One rule on one graph: what comes out, or why it doesn't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graph_draft import values

from tfjsci.graph.graph import Graph
from tfjsci.graph.graphdef import infer_types
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.rule import Rule


def inferred(graph: Graph) -> Graph:
    """The graph with what TensorFlow knows of its tensors, for a rule that asks for shapes."""
    return replace(graph, types=infer_types(graph))


def applied(rule: Rule, graph: Graph) -> Graph:
    """The graph after the rule, which must have applied."""
    result = apply_rules(graph, [rule])
    assert result.applied.get(rule.name), f"{rule.name} left the graph alone: {result.refusals}"
    return result.graph


def declined(rule: Rule, graph: Graph) -> str:
    """The rule's reason to decline, empty where it doesn't even fit; the graph must be as it was."""
    result = apply_rules(graph, [rule])
    assert show(result.graph, attrs=True, constants=True) == show(graph, attrs=True, constants=True)
    assert values(result.graph) == values(graph)
    return "; ".join(refusal.reason for refusal in result.refusals)


def applied_once(rules: Sequence[Rule], graph: Graph) -> Graph:
    """The graph, whose types are inferred, after a file's rules, which must have been applied once in all."""
    result = apply_rules(graph, rules)
    assert sum(result.applied.values()) == 1, f"{result.applied}, {result.refusals}"
    return result.graph


def refusals(rules: Sequence[Rule], graph: Graph) -> str:
    """The reasons of a file's rules to decline, each once; none may have been applied."""
    result = apply_rules(graph, rules)
    assert result.applied == {}
    return "; ".join(dict.fromkeys(refusal.reason for refusal in result.refusals))


def applied_all(rules: Sequence[Rule], graph: Graph) -> Graph:
    """The graph, its types inferred first, after a file's rules, of which one must have applied."""
    result = apply_rules(inferred(graph), rules)
    assert result.applied, f"{rules[0].name} left the graph alone: {result.refusals}"
    return result.graph


def declined_all(rules: Sequence[Rule], graph: Graph) -> str:
    """The reasons of a file's rules to decline, each once; the graph must be as it was."""
    graph = inferred(graph)
    result = apply_rules(graph, rules)
    assert show(result.graph, attrs=True, constants=True) == show(graph, attrs=True, constants=True)
    assert values(result.graph) == values(graph)
    return "; ".join(dict.fromkeys(refusal.reason for refusal in result.refusals))
