"""Switch(x, a constant)  ->  x on one side, nothing on the other: what a switch of training leaves when nobody sets it.

What reads a side on which nothing comes never runs, and a Merge hands on what still can come.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tfjsci.graph.graph import normal
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.functional.draft import MERGES, SWITCHES, TURNS, Draft


def take_known_branches(draft: Draft) -> None:
    """Take the Switches whose condition is a Const away, in place, with the side that isn't taken."""
    readers: dict[str, list[Any]] = defaultdict(list)
    for node in draft.nodes.values():
        for name in {tensor.lstrip("^").partition(":")[0] for tensor in node.input}:
            readers[name].append(node)
    never: list[tuple[str, bool]] = []  # a tensor that never comes, and whether its node never runs
    for node in [node for node in draft.nodes.values() if node.op in SWITCHES]:
        data, predicate = draft.inputs(node)
        taken = _known(draft, predicate)
        if taken is not None:
            for reader in readers[node.name]:
                _read_instead(reader, normal(f"{node.name}:{int(taken)}"), data)
            never.append((normal(f"{node.name}:{int(not taken)}"), False))
    gone: set[str] = set()
    handing: list[str] = []
    while never:
        tensor, whole = never.pop()
        for node in readers[tensor.partition(":")[0]]:
            if node.name in gone or not (tensor in draft.inputs(node) or (whole and f"^{tensor}" in node.input)):
                continue
            if node.op in MERGES and not _never_comes(draft, node, tensor):
                handing.append(node.name)
                continue
            gone.add(node.name)
            never.append((node.name, True))
            never += [(each, False) for i in range(1, 64) if (each := f"{node.name}:{i}") in draft.types]
    for name in gone:
        del draft.nodes[name]
    draft.refuse_asking(handing)


def _known(draft: Draft, predicate: str) -> bool | None:
    while (node := draft.maker(predicate)).op == "Identity":
        predicate = next(draft.inputs(node))
    if node.op != "Const":
        return None
    return bool(tensorflow().make_ndarray(node.attr["value"].tensor).reshape(-1)[0])


def _never_comes(draft: Draft, merge: Any, tensor: str) -> bool:
    """Whether nothing comes to a Merge now that ``tensor`` doesn't; where one input is left, it hands that on."""
    left = [each for each in draft.inputs(merge) if each != tensor]
    if not left or any(draft.maker(each).op in TURNS for each in left):  # a loop that is never entered
        return True
    if len(left) == 1:
        draft.hand_on(merge, left[0])
    else:
        del merge.input[:]
        merge.input.extend(left)
    return False


def _read_instead(node: Any, tensor: str, other: str) -> None:
    inputs = [other if normal(each) == tensor else each for each in node.input]
    del node.input[:]
    node.input.extend(inputs)
