"""Values as Python hands them in, checked as the command line checks its own: a string alone is one name, never its letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import UsageError
from tfjsci.escape import one_line
from tfjsci.nearest import did_you_mean


def names_in(value: str | Iterable[str]) -> tuple[str, ...]:
    """``"serve"`` or ``["serve"]`` -> ``("serve",)``."""
    return (value,) if isinstance(value, str) else tuple(value)


def one_of(name: str, known: Sequence[str], what: str) -> None:
    """Raises ``UsageError`` for a name that isn't known; ``what`` is the argument's."""
    if name not in known:
        raise UsageError(
            f"{what}: {one_line(str(name))!r} is not one of {', '.join(known)}.{did_you_mean(str(name), known)}",
            hint="Choose one of these.",
        )


def backends_in(value: str | Iterable[str], what: str) -> tuple[Backend, ...]:
    """In the order in which they are given. Raises ``UsageError`` for none, and for what is no backend."""
    names = names_in(value)
    for name in names:
        one_of(name, BACKENDS, what)
    if not names:
        raise UsageError(f"{what}: no backend is named", hint=f"Name some of {', '.join(BACKENDS)}.")
    return tuple(name for name in names if name in BACKENDS)


def at_least_one(value: int, what: str) -> int:
    """Raises ``UsageError`` for a number below 1."""
    if value < 1:
        raise UsageError(f"{what} is {value}, and at least 1", hint="Give a larger number, or leave it out.")
    return value


def shapes_in(value: Mapping[str, Sequence[int | None]] | None) -> dict[str, tuple[int | None, ...]]:
    """Sizes by input name. Raises ``UsageError`` for what is no list of sizes of 1 or more, or None."""
    shapes = {}
    for name, shape in (value or {}).items():
        sizes = shape if isinstance(shape, str) else tuple(shape)
        if isinstance(sizes, str) or not all(size is None or (type(size) is int and size >= 1) for size in sizes):
            raise UsageError(
                f"input_shapes: {one_line(str(shape))} is no shape for {one_line(name)!r}",
                hint="Give a size of 1 or more for each dimension, or None where it stays open: (1, 224, 224, None).",
            )
        shapes[name] = sizes
    return shapes
