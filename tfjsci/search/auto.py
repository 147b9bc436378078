"""``quantize: auto`` of one model: its weights, its samples, and a search over them.

The order is: :func:`begin` (each weight in each scheme, nothing run yet), ``measure`` and ``choose`` (in TensorFlow), and
``step_back`` as often as the browser, which has the last word, misses what TensorFlow had reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tfjsci.artifact.quantize import Quantization, stays_float
from tfjsci.compare.compare import Measures
from tfjsci.compare.comparison import OutputComparison
from tfjsci.converter import Converted
from tfjsci.errors import SearchFailed
from tfjsci.graph.graph import Array, Constant, Graph
from tfjsci.manifest.resolved import AutoSpec
from tfjsci.quantize.scheme import Scheme
from tfjsci.search.entry import entry_text, quantizations_of
from tfjsci.search.found import Point, SearchFound
from tfjsci.search.goal import Goal
from tfjsci.search.search import Bounds, Choice, Run, Say, Search, Tried
from tfjsci.search.stored import Stored, schemes_for
from tfjsci.search.variants import Variants
from tfjsci.search.weight import Weight, groups_of, weight_of

MOST_STEPS_BACK = 3
"""After so many misses in the browser the last one is told as it is."""


@dataclass(frozen=True, kw_only=True)
class Auto:
    """A search for the variant of this name, and what it has found. ``rest_bytes``: of the artifact without these weights.

    ``findable`` are the constants that a pattern may take.
    """

    variant: str
    search: Search
    rest_bytes: int
    findable: Mapping[str, Constant]
    found: Tried | None = None
    steps_back: int = 0

    def measure(self) -> None:
        """Each weight alone. Raises ``SearchFailed``."""
        self.search.measure()

    def choose(self) -> Auto:
        """With the smallest combination that meets the goal in TensorFlow. Raises ``SearchFailed``."""
        return replace(self, found=self.search.best())

    def step_back(self) -> Auto:
        """With the next quieter one. Raises ``SearchFailed``."""
        return replace(self, found=self.search.quieter_than(self._chosen), steps_back=self.steps_back + 1)

    @property
    def quantizations(self) -> tuple[Quantization, ...]:
        """What was found, for the writer."""
        return quantizations_of(schemes_in(self.search.weights, self._chosen.choice), self.findable)

    def told(self) -> SearchFound:
        """All that the report says of it."""
        tried = sorted(self.search.tried.values(), key=lambda each: each.rank)
        return SearchFound(
            variant=self.variant,
            limits=dict(self.search.goal.limits),
            metric=self.search.goal.metric,
            points=tuple(
                Point(brotli_bytes=each.size + self.rest_bytes, value=each.value, met=not each.misses) for each in tried
            ),
            chosen=tried.index(self._chosen),
            entry=entry_text(self.variant, self.quantizations),
            evaluations=self.search.evaluations,
            stopped=self.search.stopped,
            steps_back=self.steps_back,
        )

    @property
    def _chosen(self) -> Tried:
        if self.found is None:
            raise ValueError("nothing is chosen yet")
        return self.found


def begin(
    converted: Converted,
    samples: Sequence[Mapping[str, Array]],
    *,
    variant: str,
    wanted: AutoSpec,
    include: Sequence[str],
    exclude: Sequence[str],
    goal: Goal,
    topk: bool,
    float_bytes: int,
    measures: Measures | None = None,
    say: Say = lambda _: None,
) -> Auto:
    """Every weight that may be quantised in every scheme that it may have.

    ``samples`` are calls: values by the signature's names; ``topk``: their classes mean something. ``float_bytes``: the float
    artifact with brotli.

    Raises ``SearchFailed`` when there is nothing to search for, or TensorFlow can't run the converted graph.
    """
    if not goal.limits and not any(goal.of_output.values()):
        raise SearchFailed(
            f"every threshold of {variant} is off, so the smallest model is one of noise",
            hint="Leave the search a level of error or warn for at least one of its thresholds.",
        )
    graph = converted.graph
    bounds = Bounds(evaluations=wanted.evaluations, minutes=wanted.minutes)
    store = Stored(graph)
    weights = []
    findable = _findable(graph)
    groups = groups_of(findable, _wanted(graph, include, exclude), bounds.most_weights)
    for n, names in enumerate(groups, start=1):
        say(f"weight {n} of {len(groups)} in each scheme: {names[0]}")
        weights.append(weight_of(names, schemes_for(graph, names, allow_initializer=wanted.allow_initializer), store))
    variants = Variants(
        graph,
        weights=[name for weight in weights for name in weight.names],
        inputs=converted.inputs,
        outputs=converted.outputs,
        samples=samples,
        topk=topk,
        measures=measures,
    )
    search = Search(weights=weights, goal=goal, run=_run(weights, store, variants), bounds=bounds, say=say)
    return Auto(
        variant=variant,
        search=search,
        findable=findable,
        rest_bytes=max(0, float_bytes - sum(weight.options[0].size for weight in weights)),
    )


def schemes_in(weights: Sequence[Weight], choice: Choice) -> dict[str, Scheme | None]:
    """The scheme of each weight by name, None where it stays float32."""
    return {name: weight.options[n].scheme for weight, n in zip(weights, choice, strict=True) for name in weight.names}


def _wanted(graph: Graph, include: Sequence[str], exclude: Sequence[str]) -> list[str]:
    asked = Quantization(scheme=Scheme(name="uint8"), include=tuple(include), exclude=tuple(exclude))
    wanted = [name for name, each in graph.all_constants.items() if stays_float(name, each, asked) is None]
    if not wanted:
        raise SearchFailed(
            "auto would quantise no weight of this model",
            hint="It looks at weights of two dimensions and 64 elements, or at those that include: names.",
        )
    return wanted


def _findable(graph: Graph) -> dict[str, Constant]:
    named = Quantization(scheme=Scheme(name="uint8"), include=("?*",))
    return {name: each for name, each in graph.all_constants.items() if stays_float(name, each, named) is None}


def _run(weights: Sequence[Weight], store: Stored, variants: Variants) -> Run:
    """Each weight's values of the last run are kept: from one combination to the next, few change."""
    kept: dict[str, tuple[Scheme, Array]] = {}

    def values(name: str, scheme: Scheme) -> Array:
        if name not in kept or kept[name][0] != scheme:
            kept[name] = scheme, store.values(name, scheme)
        return kept[name][1]

    def run(choice: Choice) -> tuple[OutputComparison, ...]:
        schemes = schemes_in(weights, choice)
        return variants.against_float({name: values(name, each) for name, each in schemes.items() if each is not None})

    return run
