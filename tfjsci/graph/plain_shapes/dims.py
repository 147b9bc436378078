"""Dimensions as far as they are known, and what two shapes have in common."""

from __future__ import annotations

Dims = tuple["int | None", ...]
"""A shape of known rank; a size is None where it isn't known."""


def spread(a: Dims, b: Dims) -> Dims | None:
    """The shape of two that are spread over one another. A size of more than 1 is taken for the other's, if that isn't known."""
    rank = max(len(a), len(b))
    found: list[int | None] = []
    for m, n in zip((1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b, strict=True):
        if m is None or n is None:
            known = n if m is None else m
            found.append(known if known is not None and known > 1 else None)
        elif m == 1 or n == 1 or m == n:
            found.append(n if m == 1 else m)
        else:
            return None
    return tuple(found)


def merged(a: Dims, b: Dims) -> Dims | None:
    """What is known by either of two that are the same."""
    if len(a) != len(b) or any(None not in (m, n) and m != n for m, n in zip(a, b, strict=True)):
        return None
    return tuple(n if m is None else m for m, n in zip(a, b, strict=True))
