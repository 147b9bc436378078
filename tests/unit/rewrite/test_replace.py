"""Replacements with several outputs: whoever read the old ones reads the new ones."""

from __future__ import annotations

from graph_draft import Draft

from tfjsci.graph.show import show
from tfjsci.rewrite.replace import Change, with_changes
from tfjsci.rewrite.rule import NewNode, NewOutput, Replacement


def two_outputs() -> Draft:
    draft = Draft()
    draft.op("Unique", "u", draft.input("x"))
    draft.op("Relu", "first", "u")
    draft.op("Relu", "second", "u:1")
    return draft


def test_readers_of_another_output_read_what_stands_for_it() -> None:
    graph = two_outputs().graph("first", "second", "u:1")
    split = NewNode(name="", op="Split", inputs=("x",))
    new = Replacement(root=split, others=(NewOutput(node=split, index=2),))
    after = with_changes(graph, [Change(root=graph["u"], inside=(graph["u"],), new=new)])
    assert show(after) == (
        "x = Placeholder()\nu = Split(x)\nfirst = Relu(u)\nsecond = Relu(u:2)\n-> first, second, u:2"
    )


def test_a_tensor_of_the_old_graph_can_stand_for_it() -> None:
    graph = two_outputs().graph("first", "second")
    new = Replacement(root=NewNode(name="", op="Abs", inputs=("x",)), others=("x",))
    after = with_changes(graph, [Change(root=graph["u"], inside=(graph["u"],), new=new)])
    assert show(after) == "x = Placeholder()\nu = Abs(x)\nfirst = Relu(u)\nsecond = Relu(x)\n-> first, second"


def test_two_changes_at_once_find_one_another() -> None:
    draft = Draft()
    draft.op("Unique", "u", draft.input("x"))
    draft.op("Unique", "v", "u:1")
    graph = draft.graph("v:1")
    changes = []
    for name in ("u", "v"):
        node = graph[name]
        made = NewNode(name="", op="Neg", inputs=(node.inputs[0],))
        kept = NewNode(name="", op="Abs", inputs=(node.inputs[0],))
        changes.append(Change(root=node, inside=(node,), new=Replacement(root=made, others=(kept,))))
    after = with_changes(graph, changes).pruned()
    assert show(after) == "x = Placeholder()\nu/abs = Abs(x)\nv/abs = Abs(u/abs)\n-> v/abs"


def test_new_nodes_without_a_wish_are_called_after_the_root() -> None:
    graph = two_outputs().graph("first")
    inner = NewNode(name="", op="Abs", inputs=("x",))
    again = NewNode(name="", op="Abs", inputs=(inner,))
    new = Replacement(root=NewNode(name="", op="Neg", inputs=(again,)))
    after = with_changes(graph, [Change(root=graph["u"], inside=(graph["u"],), new=new)]).pruned()
    assert show(after) == (
        "x = Placeholder()\nu/abs = Abs(x)\nu/abs_1 = Abs(u/abs)\nu = Neg(u/abs_1)\nfirst = Relu(u)\n-> first"
    )
