"""A rule: a pattern and what to put in its place, or a reason not to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from tfjsci.graph.graph import AttrValue, Constant, Node, node_of
from tfjsci.rewrite.pattern import Match, OpPattern


@dataclass(frozen=True, kw_only=True)
class Declined:
    """The pattern fits, the rewrite would be wrong: why.

    ``moot``: there was nothing to rewrite after all, as a rule finds that looks further than its pattern. Nobody is told then.
    """

    reason: str
    moot: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class NewConst:
    """A weight to put in, as an input of a :class:`NewNode`. ``name`` is a wish: names are made unique.

    Wanted under the name of a Const that only this match reads, it takes that name over.
    """

    name: str
    constant: Constant


@dataclass(frozen=True, kw_only=True, eq=False)
class NewNode:
    """A node to put in. ``name`` is a wish; an empty one becomes the root's name and the op's.

    An input that is a text is a tensor of the graph as it was; one that is new is given as itself, so that a weight
    made of ``w`` and the ``w`` that somebody else still reads can't be mistaken for one another.
    """

    name: str
    op: str
    inputs: tuple[Source, ...]
    attrs: Mapping[str, AttrValue] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class NewOutput:
    """Another output of a new node than its first."""

    node: NewNode
    index: int


@dataclass(frozen=True, kw_only=True, eq=False)
class BehindNewRoot:
    """What the node reads first that the same rule, in the same sweep, puts in the place of the node named ``root``.

    For a rule that plans for the whole graph, and leaves something under each root's name that its own replacements then do
    without. The replacement is made only together with that other one.
    """

    root: str


Source: TypeAlias = "str | NewNode | NewOutput | NewConst | BehindNewRoot"
"""What makes a tensor: a text names one of the graph as it was, the others are new."""


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """What takes the match's place: ``root``, which gets the old root's name, and the new things that it reads.

    ``others`` stand for the old root's second output and those after it, in order; whoever read those reads these.
    """

    root: NewNode
    others: tuple[Source, ...] = ()

    @cached_property
    def things(self) -> tuple[NewNode | NewConst, ...]:
        """All that is new, inputs before readers, each once."""
        found: dict[int, NewNode | NewConst] = {}
        for source in (self.root, *self.others):
            _collect(source, found)
        return tuple(found.values())

    @cached_property
    def reads(self) -> frozenset[str]:
        """The nodes of the graph as it was that are read."""
        return frozenset(node_of(source) for source in self._sources if isinstance(source, str))

    @cached_property
    def needs(self) -> frozenset[str]:
        """The roots without whose replacement this one can't be made."""
        return frozenset(source.root for source in self._sources if isinstance(source, BehindNewRoot))

    @property
    def _sources(self) -> list[Source]:
        inputs = [source for thing in self.things if isinstance(thing, NewNode) for source in thing.inputs]
        return [*self.others, *inputs]


def _collect(source: Source, found: dict[int, NewNode | NewConst]) -> None:
    thing = source.node if isinstance(source, NewOutput) else source
    if isinstance(thing, (str, BehindNewRoot)) or id(thing) in found:
        return
    for below in thing.inputs if isinstance(thing, NewNode) else ():
        if not isinstance(below, str):
            _collect(below, found)
    found[id(thing)] = thing


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rewrite. ``equation`` says it in a line, ``pattern`` finds it, ``rewrite`` does it.

    ``where`` is what else must hold, or where it isn't done because it wouldn't pay, as the docs' list says it. A root of which
    more than the first output is read is only replaced by a rule for ``all_outputs``, whose replacement has ``others``.
    """

    name: str
    equation: str
    pattern: OpPattern
    rewrite: Callable[[Match], Replacement | Declined]
    where: str = ""
    all_outputs: bool = False


def again(node: Node) -> NewNode:
    """A node of the match that stays as it is: it is put in again, under its own name."""
    return NewNode(name=node.name, op=node.op, inputs=node.inputs, attrs=node.attrs)


def kept(node: Node, *, without: tuple[str, ...] = ()) -> dict[str, AttrValue]:
    """A node's attributes, less some: for the node that takes its place."""
    return {key: value for key, value in node.attrs.items() if key not in without}
