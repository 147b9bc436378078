"""Failures that are one: the same words of several variants or backends are told once, with the places beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tfjsci.results.run_result import Failure


@dataclass(frozen=True, kw_only=True)
class Alike:
    """``failure`` is the first of them; it befell each of ``variants`` on each of ``backends``, as far as there are any."""

    failure: Failure
    variants: tuple[str, ...]
    backends: tuple[str, ...]

    @property
    def places(self) -> tuple[str, ...]:
        """Both, for a list of names."""
        return (*self.variants, *self.backends)


def alike(failures: Sequence[Failure]) -> list[Alike]:
    """In the order in which each came first. What befell one variant on other backends than another isn't put together."""
    groups: dict[tuple[str, str, str, str | None], list[Failure]] = {}
    for each in failures:
        groups.setdefault((each.stage, each.code, each.message, each.hint), []).append(each)
    found: list[Alike] = []
    for group in groups.values():
        places = {(each.variant, each.backend) for each in group}
        variants, backends = ({place[n]: None for place in map(_place, group)} for n in (0, 1))
        if len(places) == len(variants) * len(backends):
            found.append(_alike(group[0], list(variants), list(backends)))
        else:
            found += [_alike(each, [each.variant], [each.backend]) for each in group]
    return found


def _place(failure: Failure) -> tuple[str | None, str | None]:
    return failure.variant, failure.backend


def _alike(failure: Failure, variants: Sequence[str | None], backends: Sequence[str | None]) -> Alike:
    return Alike(
        failure=failure,
        variants=tuple(each for each in variants if each),
        backends=tuple(each for each in backends if each),
    )
