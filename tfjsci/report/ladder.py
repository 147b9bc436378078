"""A report that fits: what matters least goes first, and what went is said.

The steps down: models that pass; the folded sections, from the last to the first, but for what failed, where, and the ops that
can't run; then models, from the least grave on; those sections; and in the end all but the heading.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tfjsci.listed import plural
from tfjsci.report.headline import unhappy
from tfjsci.report.markdown import SECTIONS, render_extent
from tfjsci.results.run_result import RunResult

WHY_FIRST = 3
"""So many of the sections tell why; they are kept the longest."""


@dataclass(frozen=True, kw_only=True)
class _Step:
    """A way to render; ``failures``: with those of the run itself."""

    models: int
    """The first so many of those that don't pass."""
    sections: int
    """The first so many."""
    failures: bool = True


def fit(
    run: RunResult,
    *,
    size: Callable[[str], int],
    limit: int,
    opening: str = "",
    closing: str = "",
    elsewhere: str = "",
) -> str:
    """``opening``, as much of the report as ``limit`` allows, ``closing``. ``elsewhere`` says where the whole one is.

    ``size`` is how the place counts. Raises ``ValueError`` if not even the heading fits.
    """

    def joined(report: str) -> str:
        return f"{opening}{report}{closing}"

    everything = joined(render_extent(run, run, sections=[title for title, _ in SECTIONS]))
    if size(everything) <= limit:
        return everything
    # One that has nothing to say isn't left out, either.
    titles = [title for title, section in SECTIONS if section(run)]
    why = len(set(titles).intersection(title for title, _ in SECTIONS[:WHY_FIRST]))

    def rendered(step: _Step) -> str:
        return joined(_render(run, step, titles, elsewhere))

    text = rendered(_largest(run, why, len(titles), lambda step: size(rendered(step)) <= limit))
    if size(text) > limit:
        raise ValueError(f"not even the report's heading fits into {limit}")
    return text


def _largest(run: RunResult, why: int, sections: int, fits: Callable[[_Step], bool]) -> _Step:
    """The first step down that fits; the first ``why`` sections tell why."""
    models = len(unhappy(run))
    kept = _most(why, sections, lambda count: fits(_Step(models=models, sections=count)))
    if kept is not None:
        return _Step(models=models, sections=kept)
    for first in (why, 0):
        told = _most(1, models, lambda count, first=first: fits(_Step(models=count, sections=first)))  # type: ignore[misc]
        if told is not None:
            return _Step(models=told, sections=first)
    bare = _Step(models=0, sections=0)
    return bare if fits(bare) else replace(bare, failures=False)


def _most(low: int, high: int, fits: Callable[[int], bool]) -> int | None:
    """The largest number from ``low`` to ``high`` that fits, where what fits stays fitting when it gets smaller.

    From below, in steps twice as long each time: what is far too much is never rendered.
    """
    if low > high or not fits(low):
        return None
    found, step = low, 1
    while found < high and fits(tried := min(high, found + step)):
        found, step = tried, step * 2
    refused = min(high + 1, found + step)  # the smallest known not to fit, or beyond the end
    while refused - found > 1:
        middle = (found + refused) // 2
        found, refused = (middle, refused) if fits(middle) else (found, middle)
    return found


def _render(run: RunResult, step: _Step, titles: Sequence[str], elsewhere: str) -> str:
    kept = unhappy(run)[: step.models]
    shown = replace(run, models=tuple(kept), failures=run.failures if step.failures else ())
    return render_extent(
        run, shown, sections=titles[: step.sections], left_out=_left_out(run, shown, step, titles, elsewhere)
    )


def _left_out(run: RunResult, shown: RunResult, step: _Step, titles: Sequence[str], elsewhere: str) -> list[str]:
    passing = sum(model.outcome == "pass" for model in run.models)
    others = len(run.models) - passing - len(shown.models)
    missing = (
        [f"{plural(others, 'model')} that {'fails or warns' if others == 1 else 'fail or warn'}"] if others else []
    )
    missing += [f"{plural(passing, 'model')} that {'passes' if passing == 1 else 'pass'}"] if passing else []
    missing += ["the run's own failures"] if run.failures and not step.failures else []
    missing += [f"“{title}”" for title in titles[step.sections :]]
    sentence = f"Left out here, for want of room: {', '.join(missing)}."
    return [f"{sentence} {elsewhere}".rstrip()]
