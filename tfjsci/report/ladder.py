"""A report that fits: what matters least goes first, and what went is said.

The steps down: models that pass; the folded sections, from the last to the first, but for what failed and the ops that can't
run; then models, from the least grave on; those two sections; and in the end all but the heading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from tfjsci.report.headline import unhappy
from tfjsci.report.markdown import SECTIONS, render_extent
from tfjsci.report.markup import plural
from tfjsci.results.run_result import RunResult

WHY_FIRST = 2
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

    titles = [title for title, _ in SECTIONS]
    everything = joined(render_extent(run, run, sections=titles))
    if size(everything) <= limit:
        return everything

    def rendered(step: _Step) -> str:
        return joined(_render(run, step, titles, elsewhere))

    for step in _steps_down(run, len(titles)):
        text = rendered(step)
        if size(text) <= limit:
            return text
    text = rendered(_with_most_models(run, lambda step: size(rendered(step)) <= limit))
    if size(text) > limit:
        raise ValueError(f"not even the report's heading fits into {limit}")
    return text


def _steps_down(run: RunResult, sections: int) -> Iterator[_Step]:
    for kept in range(sections, WHY_FIRST - 1, -1):
        yield _Step(models=len(unhappy(run)), sections=kept)


def _with_most_models(run: RunResult, fits: Callable[[_Step], bool]) -> _Step:
    """Most models with their why, else most models without it, else none, else not even the run's own failures."""
    for sections in (WHY_FIRST, 0):
        low, high = 0, len(unhappy(run))
        while low < high:  # the most that fit lie in [low, high]
            middle = (low + high + 1) // 2
            if fits(_Step(models=middle, sections=sections)):
                low = middle
            else:
                high = middle - 1
        if low:
            return _Step(models=low, sections=sections)
    bare = _Step(models=0, sections=0)
    return bare if fits(bare) else replace(bare, failures=False)


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
