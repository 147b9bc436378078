"""Rules are tried again only where something has changed that they looked at; and there they are."""

from __future__ import annotations

from collections.abc import Callable

from graph_draft import Draft

from tfjsci.graph.graph import Graph, TensorType, node_of
from tfjsci.rewrite.engine import Attempts, apply_rules
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule
from tfjsci.rewrite.symbolic.sizes import sizes_of

LENGTH = 9


def chain() -> Graph:
    """x, then Relu n0 … n8, of which n0 alone is marked."""
    draft = Draft()
    last = draft.input("x", (None, 3))
    for i in range(LENGTH):
        last = draft.op("Relu", f"n{i}", last, marked=i == 0)
    types = {f"n{i}": TensorType(dtype="float32", shape=(None, 3)) for i in range(LENGTH)}
    return draft.graph(last, types=types)


class Told:
    """A rule that marks a Relu if ``wanted`` says so; ``at`` is where it was tried, in order."""

    def __init__(self, wanted: Callable[[Match], bool]) -> None:
        self.at: list[str] = []
        self.wanted = wanted
        self.rule = Rule(
            name="mark", equation="", pattern=op("Relu", any_tensor("x"), name="root"), rewrite=self.rewrite
        )

    def rewrite(self, match: Match) -> Replacement | Declined:
        root = match.root
        self.at.append(root.name)
        if root.attrs["marked"] or not self.wanted(match):
            return Declined(reason="as it is")
        return Replacement(root=NewNode(name="", op="Relu", inputs=root.inputs, attrs={"marked": True}))


def before(match: Match, steps: int) -> bool:
    """Whether the node that many steps up is marked; false above the first."""
    node = match.root
    for _ in range(steps):
        node = match.graph[node_of(node.inputs[0])]
        if node.op != "Relu":
            return False
    return node.attrs["marked"] is True


def test_only_what_looked_at_a_change_is_tried_again() -> None:
    told = Told(lambda match: before(match, 1))
    result = apply_rules(chain(), [told.rule])
    assert result.applied == {"mark": LENGTH - 1}
    assert [refusal.node for refusal in result.refusals] == [f"n{i}" for i in range(LENGTH)]
    # all once; then in each sweep what was marked, what reads it, and what was made new for that
    assert len(told.at) <= LENGTH + 3 * LENGTH
    assert told.at[LENGTH:].count("n0") <= 1


def test_however_far_away_it_is() -> None:
    far = 5
    told = Told(lambda match: before(match, far))
    result = apply_rules(chain(), [told.rule])
    assert {node.name for node in result.graph if node.attrs.get("marked")} == {"n0", "n5"}


def test_what_looks_behind_itself_sees_a_new_reader() -> None:
    told = Told(lambda match: any(r.attrs["marked"] is True for r in match.graph.readers.get(match.root.name, ())))
    graph = chain()
    draft = Draft()
    draft.nodes += [n for n in graph.nodes if n.name != "n0"]
    draft.nodes[1:1] = [graph["n0"].reading(("x",))]
    last = Draft()
    last.nodes += draft.nodes
    last.op("Relu", "end", f"n{LENGTH - 1}", marked=True)
    assert apply_rules(last.graph("end"), [told.rule]).applied == {"mark": LENGTH - 1}


def test_a_rule_that_looks_at_all_is_always_tried_again() -> None:
    told = Told(lambda match: sum(node.attrs.get("marked") is True for node in match.graph.nodes) == 1)
    told.wanted, wanted = (lambda match: wanted(match) and match.root.name == "n4"), told.wanted
    apply_rules(chain(), [told.rule])
    assert told.at.count("n7") == 2


def test_attempts_are_remembered_from_call_to_call() -> None:
    attempts: Attempts = {}
    told = Told(lambda match: False)
    graph = chain()
    first = apply_rules(graph, [told.rule], attempts)
    again = apply_rules(graph, [told.rule], attempts)
    assert len(told.at) == LENGTH
    assert first.refusals == again.refusals


def test_a_type_that_becomes_known_is_a_change() -> None:
    attempts: Attempts = {}

    def known(match: Match) -> bool:
        found = match.graph.type_of(match.tensors["x"])
        return found is not None and found.shape == (2, 3)

    told = Told(known)
    graph = chain()
    apply_rules(graph, [told.rule], attempts)
    sharper = graph.with_types({**graph.types, "n3": TensorType(dtype="float32", shape=(2, 3))})
    assert apply_rules(sharper, [told.rule], attempts).applied == {"mark": 1}
    assert told.at[LENGTH : LENGTH + 2] == ["n3", "n4"]


def test_so_is_a_size() -> None:
    attempts: Attempts = {}
    told = Told(lambda match: sizes_of(match.graph).shape(match.root.name) == (2, 3))
    graph = chain()
    apply_rules(graph, [told.rule], attempts)
    fed = graph.with_types({"n0": TensorType(dtype="float32", shape=(2, 3))})  # the others' shapes come of it
    result = apply_rules(fed, [told.rule], attempts)
    assert result.applied == {"mark": LENGTH - 1}


def test_who_else_reads_what_one_reads_is_no_change() -> None:
    draft = Draft()
    draft.input("x", (None, 3))
    names = [draft.op("Relu", f"n{i}", "x", marked=False) for i in range(LENGTH)]
    told = Told(lambda match: match.root.name == "n4")
    assert apply_rules(draft.graph(*names), [told.rule]).applied == {"mark": 1}
    assert told.at == [*names, "n4"]


def test_a_node_in_the_middle_that_loses_its_other_reader_is_one() -> None:
    draft = Draft()
    draft.op("Relu", "inner", draft.input("x", (None, 3)))
    graph = draft.graph(draft.op("Tanh", "outer", "inner"), draft.op("Neg", "other", "inner"))
    merge = Rule(
        name="merge",
        equation="",
        pattern=op("Tanh", op("Relu", any_tensor("x"), name="inner"), name="outer"),
        rewrite=lambda match: Replacement(root=NewNode(name="", op="Selu", inputs=(match.tensors["x"],))),
    )
    lead = Rule(
        name="lead",
        equation="",
        pattern=op("Neg", any_tensor("y"), name="root"),
        rewrite=lambda match: Replacement(root=NewNode(name="", op="Abs", inputs=("x",))),
    )
    assert apply_rules(graph, [merge]).applied == {}
    assert apply_rules(graph, [merge, lead]).applied == {"lead": 1, "merge": 1}
