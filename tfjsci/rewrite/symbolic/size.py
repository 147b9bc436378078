"""Whole numbers that only a run tells, as polynomials over the sizes of the inputs: 2·batch·height + 1.

A :data:`Number` is an int, or a :class:`Size` where it isn't constant; two that are equal are written alike, so ``==`` is proof
that they are equal in every run (and ``!=`` proves nothing). Sizes are never negative; what an int tensor holds may be, and may
wrap when it is reckoned with: of such numbers sums and products are told, quotients and comparisons aren't. A model may reckon
without end, so an expression has a longest length: ``TooLongError`` is for whoever asks op by op.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TypeAlias

MOST_WEIGHT = 4096
"""Atoms in an expression, those inside of others counted each time: squares of squares would have no end."""

MOST_FACTOR = 2**64


class TooLongError(Exception):
    """An expression has more atoms than anybody would make use of, or a coefficient that fits no tensor."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """The size of a dimension of ``tensor``, where nothing tells it from others: 0 or more."""

    tensor: str
    axis: int

    def __str__(self) -> str:
        return f"{self.tensor}[{self.axis}]"


@dataclass(frozen=True, slots=True)
class Element:
    """What an int tensor holds at ``index``, counted in the flattened tensor: any number."""

    tensor: str
    index: int

    def __str__(self) -> str:
        return f"{self.tensor}{{{self.index}}}"


@dataclass(frozen=True, slots=True)
class Call:
    """A function that isn't a sum or a product, of numbers one of which at least isn't constant."""

    name: str
    arguments: tuple[Number, ...]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.arguments))})"


Atom: TypeAlias = "Dimension | Element | Call"
Monomial: TypeAlias = "tuple[Atom, ...]"
Number: TypeAlias = "int | Size"


@dataclass(frozen=True)
class Size:
    """A sum of products: ``terms`` are (atoms, coefficient) in one order, and not a constant alone."""

    terms: tuple[tuple[Monomial, int], ...]

    def __str__(self) -> str:
        parts = []
        for atoms, factor in self.terms:
            names = [*([] if factor == 1 and atoms else [str(factor)]), *map(str, atoms)]
            parts.append("·".join(names))
        return " + ".join(parts)

    @cached_property
    def atoms(self) -> frozenset[Atom]:
        """What it is made of, inside of calls too."""
        found: set[Atom] = set()
        for atoms, _ in self.terms:
            for atom in atoms:
                found.add(atom)
                if isinstance(atom, Call):
                    found |= {a for given in atom.arguments if isinstance(given, Size) for a in given.atoms}
        return frozenset(found)

    @cached_property
    def weight(self) -> int:
        """How many atoms it takes to write it down."""
        return sum(1 + sum(map(_weight, atoms)) for atoms, _ in self.terms)

    @cached_property
    def least(self) -> int | None:
        """A number that it is never below, if one is known."""
        total = 0
        for atoms, factor in self.terms:
            least = 1
            for atom in atoms:
                one = _least(atom)
                if one is None or one < 0:
                    return None
                least *= one
            if factor < 0 and atoms:
                return None
            total += factor * least
        return total

    @property
    def only(self) -> Atom | None:
        """The atom that this is, if it is nothing but one."""
        if len(self.terms) > 1:
            return None
        ((atoms, factor),) = self.terms
        return atoms[0] if factor == 1 and len(atoms) == 1 else None


def of(atom: Atom) -> Size:
    """The atom as a number. Raises ``TooLongError``."""
    if _weight(atom) > MOST_WEIGHT:
        raise TooLongError
    return Size((((atom,), 1),))


def weight_of(number: Number) -> int:
    """How many atoms it takes to write the number down."""
    return number.weight if isinstance(number, Size) else 0


def _weight(atom: Atom) -> int:
    return 1 + sum(map(weight_of, atom.arguments)) if isinstance(atom, Call) else 1


def add(a: Number, b: Number) -> Number:
    """a + b"""
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    total = dict(_terms(a))
    for atoms, factor in _terms(b):
        total[atoms] = total.get(atoms, 0) + factor
    return _number(total)


def negative(a: Number) -> Number:
    """−a"""
    return multiply(a, -1)


def subtract(a: Number, b: Number) -> Number:
    """a − b"""
    return add(a, negative(b))


def multiply(a: Number, b: Number) -> Number:
    """a · b. Raises ``TooLongError``."""
    if isinstance(a, int):
        return a * b if isinstance(b, int) else _times(b, a)
    if isinstance(b, int):
        return _times(a, b)
    if weight_of(a) * weight_of(b) > MOST_WEIGHT:
        raise TooLongError
    total: dict[Monomial, int] = {}
    for left, one in _terms(a):
        for right, other in _terms(b):
            atoms = tuple(sorted((*left, *right), key=str))
            total[atoms] = total.get(atoms, 0) + one * other
    return _number(total)


def _times(a: Size, by: int) -> Number:
    if by == 1:
        return a
    if by < 1:
        return _number({atoms: factor * by for atoms, factor in a.terms})
    terms = tuple((atoms, factor * by) for atoms, factor in a.terms)  # in order as they are
    if max(abs(factor) for _, factor in terms) > MOST_FACTOR:
        raise TooLongError
    return Size(terms)


def product(numbers: tuple[Number, ...]) -> Number:
    """All of them multiplied; 1 for none."""
    whole: Number = 1
    for number in numbers:
        whole = multiply(whole, number)
    return whole


def quotient(a: Number, b: Number) -> Number | None:
    """The number that gives ``a`` when multiplied by ``b``, if one can be told; b isn't 0."""
    if isinstance(b, int) and b == 1:
        return a
    divisor = _terms(b)
    if len(divisor) != 1 or divisor[0][1] == 0:
        return None
    (under, by), total = divisor[0], {}
    for atoms, factor in _terms(a):
        left = list(atoms)
        for atom in under:
            if atom not in left:
                return None
            left.remove(atom)
        if factor % by:
            return None
        total[tuple(left)] = factor // by
    return _number(total)


def floor_divide(a: Number, b: Number) -> Number | None:
    """a / b, rounded down; None where b is 0."""
    if b == 0:
        return None
    if isinstance(a, int) and isinstance(b, int):
        return a // b
    if may_wrap(a, b):
        return of(Call("floordiv", (a, b)))
    exact = quotient(a, b)
    if exact is not None:
        return exact
    if not isinstance(b, int) or b < 0:
        return of(Call("floordiv", (a, b)))
    whole = _number({atoms: factor // b for atoms, factor in _terms(a)})  # floor((b·q + r) / b) = q + floor(r / b)
    rest = _number({atoms: factor % b for atoms, factor in _terms(a)})
    if isinstance(rest, int):
        return add(whole, rest // b)
    return add(whole, of(Call("floordiv", (rest, b))))


def modulo(a: Number, b: Number) -> Number | None:
    """What is left of a / b rounded down; None where b is 0."""
    whole = floor_divide(a, b)
    return None if whole is None else subtract(a, multiply(whole, b))


def larger(a: Number, b: Number) -> Number:
    """max(a, b)"""
    return _extreme("max", a, b)


def smaller(a: Number, b: Number) -> Number:
    """min(a, b)"""
    return _extreme("min", a, b)


def at_least(number: Number) -> int | None:
    """A number that it is never below, if one is known."""
    return number if isinstance(number, int) else number.least


def is_less(a: Number, b: Number) -> bool | None:
    """Whether a < b in every run (True), in none (False); None where it isn't known."""
    if may_wrap(a, b):
        return False if a == b else None
    above, below = at_least(subtract(b, a)), at_least(subtract(a, b))
    return True if above is not None and above > 0 else False if below is not None and below >= 0 else None


def may_wrap(*numbers: Number) -> bool:
    """Whether they are made of what a tensor holds, which may be large: sizes aren't."""
    return any(isinstance(atom, Element) for n in numbers if isinstance(n, Size) for atom in n.atoms)


def _extreme(name: str, a: Number, b: Number) -> Number:
    less = False if a == b else is_less(a, b)
    if less is None and (greater := is_less(b, a)) is not None:
        less = not greater
    if less is not None:
        return b if less is (name == "max") else a
    return of(Call(name, tuple(sorted((a, b), key=str))))


def _least(atom: Atom) -> int | None:
    if isinstance(atom, Dimension):
        return 0
    if isinstance(atom, Element):
        return None
    bounds = [at_least(given) for given in atom.arguments]
    known = [bound for bound in bounds if bound is not None]
    if atom.name == "max":
        return max(known, default=None)
    if len(known) < len(bounds):
        return None
    if atom.name == "min":
        return min(known)
    divisor = atom.arguments[1]
    return known[0] // divisor if isinstance(divisor, int) and divisor > 0 else 0 if min(known) >= 0 else None


def _terms(number: Number) -> tuple[tuple[Monomial, int], ...]:
    return (((), number),) if isinstance(number, int) else number.terms


def _number(terms: dict[Monomial, int]) -> Number:
    kept = {atoms: factor for atoms, factor in terms.items() if factor}
    if not kept:
        return 0
    if list(kept) == [()]:
        return kept[()]
    if max(map(abs, kept.values())) > MOST_FACTOR:
        raise TooLongError
    return Size(tuple(sorted(kept.items(), key=lambda term: ([str(atom) for atom in term[0]], term[1]))))


def at(number: Number, values: Mapping[Atom, int]) -> int:
    """What the number is where its atoms have these values, in numbers without end."""
    return sum(factor * prod(_value(atom, values) for atom in atoms) for atoms, factor in _terms(number))


def _value(atom: Atom, values: Mapping[Atom, int]) -> int:
    if not isinstance(atom, Call):
        return values[atom]
    first, second = (at(given, values) for given in atom.arguments)
    return (
        first // second if atom.name == "floordiv" else max(first, second) if atom.name == "max" else min(first, second)
    )
