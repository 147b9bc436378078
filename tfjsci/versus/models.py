"""Two models on the same inputs: each where it runs, their outputs held against each other on every backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tfjsci.browser.protocol import BackendEnvironment, Session
from tfjsci.compare.compare import compare_outputs
from tfjsci.dtypes import BACKENDS, NARROW_FLOATS, Backend
from tfjsci.errors import BadInputs, UsageError
from tfjsci.inputs.inputs import Inputs
from tfjsci.load.load import LoadOptions
from tfjsci.localize.pairs import held_to, limit_for, worst_call
from tfjsci.signature import TensorSpec
from tfjsci.versus.compared import ModelsCompared, PairOnBackend
from tfjsci.versus.hold import defaults_for, hold, require_limits
from tfjsci.versus.inputs import Values, inputs_for
from tfjsci.versus.localized import Apart, find_apart
from tfjsci.versus.member import Member
from tfjsci.versus.run import Answers, Calls, Opened, open_member
from tfjsci.versus.stored import coarser


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How two are to be compared. ``inputs`` and ``model`` are those of :func:`tfjsci.versus.inputs.inputs_for`."""

    backends: tuple[Backend, ...] = BACKENDS
    inputs: Values = None
    model: str | None = None
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    seed: int = 0
    limits: Mapping[str, float] = field(default_factory=dict)
    localize: bool = False
    options: LoadOptions = field(default_factory=LoadOptions)
    deadline_seconds: float = 120.0


def compare_two_models(
    a: Member,
    b: Member,
    asked: Asked,
    *,
    session: Callable[[], Session],
    told: Callable[[str], None] = lambda _: None,
) -> ModelsCompared:
    """``b`` against ``a``. ``told`` hears what is being done.

    Raises the ``ModelError`` kinds of loading and running, ``BadInputs`` and ``UsageError``.
    """
    require_limits(asked.limits)
    for member in (a, b):
        if member.kind == "results":
            raise UsageError(
                f"{member.name} holds the results of a run, and the other is a model",
                hint="Give two models, or two results.",
            )
    told(f"reading {a.name} and {b.name}")
    one, other = (open_member(member, asked.options) for member in (a, b))
    inputs_of, outputs_of = _paired(one, other, "inputs"), _paired(one, other, "outputs")
    made = _inputs(one, other, asked)
    two = _Two(
        one=one,
        other=other,
        outputs_of=outputs_of,
        made=made,
        others=[{inputs_of[name]: value for name, value in call.items()} for call in made.samples],
        asked=asked,
        session=session,
        told=told,
    )
    backends: Sequence[Backend | None] = asked.backends if a.in_browser or b.in_browser else (None,)
    return ModelsCompared(
        a=a.name,
        b=b.name,
        a_runs_in="browser" if a.in_browser else "TensorFlow",
        b_runs_in="browser" if b.in_browser else "TensorFlow",
        inputs=made.summaries,
        random=made.random,
        pairs=tuple(two.on(backend) for backend in backends),
        notes=(*made.notes, *_renamed(inputs_of, "input"), *_renamed(outputs_of, "output")),
    )


@dataclass(kw_only=True)
class _Two:
    """Both, opened, and the calls that each is given: ``others`` are ``made``'s by the names of ``other``.

    What TensorFlow runs is the same for all backends, and is run once.
    """

    one: Opened
    other: Opened
    outputs_of: Mapping[str, str]
    made: Inputs
    others: Calls
    asked: Asked
    session: Callable[[], Session]
    told: Callable[[str], None]
    ran: dict[int, Answers] = field(default_factory=dict)

    def on(self, backend: Backend | None) -> PairOnBackend:
        """Their outputs on one backend, held to the limits; None: both in TensorFlow."""
        where = f" on {backend}" if backend else ""
        self.told(f"running {self.one.member.name} and {self.other.member.name}{where}")
        wanted, reference_environment = self._answers(self.one, self.made.samples, backend)
        have, own_environment = self._answers(self.other, self.others, backend)
        environment = own_environment or reference_environment
        named = [{name: answer[own] for name, own in self.outputs_of.items() if own in answer} for answer in have]
        outputs = compare_outputs(wanted, named, topk=not self.made.random)
        quantized = coarser(self.one.member.quantized, self.other.member.quantized)
        narrow = next((each for each in NARROW_FLOATS if each in (self.one.narrow, self.other.narrow)), None)
        defaults = defaults_for(environment, quantized, narrow)
        pair = PairOnBackend(
            backend=backend,
            environment=environment,
            outputs=outputs,
            held=hold(outputs, self.asked.limits, defaults),
        )
        if not self.asked.localize:
            return pair
        self.told(f"looking for the culprit{where}")
        n = worst_call(wanted, named)
        limit = self.asked.limits.get("sqnr_db", defaults.sqnr_db.error)
        apart = Apart(
            one=self.one,
            other=self.other,
            call=self.made.samples[n],
            other_call=self.others[n],
            wanted=wanted[n],
            outputs_of=self.outputs_of,
            backend=backend,
            limit_db=limit_for(limit, wanted[n], named[n]) if pair.missed else limit,
            deadline_seconds=self.asked.deadline_seconds,
            session=self.session,
        )
        # The original is the reference, whichever of the two it is.
        if self.one.loaded is None and self.other.loaded is not None:
            apart = apart.swapped(have[n])
        return replace(pair, localization=held_to(find_apart(apart), limit))

    def _answers(
        self, opened: Opened, calls: Calls, backend: Backend | None
    ) -> tuple[Answers, BackendEnvironment | None]:
        if id(opened) in self.ran:
            return self.ran[id(opened)], None
        answers, environment = opened.answers(calls, backend, self.session, self.asked.deadline_seconds)
        if environment is None:
            self.ran[id(opened)] = answers
        return answers, environment


def _paired(one: Opened, other: Opened, side: str) -> dict[str, str]:
    """A's names, each with B's: the same names, or else in their order."""
    mine: tuple[TensorSpec, ...] = getattr(one, side)
    theirs: tuple[TensorSpec, ...] = getattr(other, side)
    names = [spec.name for spec in theirs]
    if {spec.name for spec in mine} == set(names):
        return {spec.name: spec.name for spec in mine}
    if len(mine) != len(theirs):
        raise BadInputs(
            f"{one.member.name} has the {side} {_listed(mine)}, {other.member.name} has {_listed(theirs)}",
            hint="Two models can be compared that take and give the same, by name or at least by number.",
        )
    return {spec.name: own for spec, own in zip(mine, names, strict=True)}


def _listed(specs: Sequence[TensorSpec]) -> str:
    return ", ".join(repr(spec.name) for spec in specs) or "none"


def _renamed(pairs: Mapping[str, str], what: str) -> tuple[str, ...]:
    told = [f"{name} is {own}" for name, own in pairs.items() if name != own]
    return (f"{what}s go by their order, since their names differ: {', '.join(told)}",) if told else ()


def _inputs(one: Opened, other: Opened, asked: Asked) -> Inputs:
    """By A's names; where B alone is an original, with its dtypes, since a browser's are fewer."""
    specs = one.inputs
    if one.loaded is None and other.loaded is not None:
        names = {own: name for name, own in _paired(one, other, "inputs").items()}
        specs = tuple(
            TensorSpec(name=names[spec.name], tensor=spec.tensor, dtype=spec.dtype, shape=spec.shape)
            for spec in other.inputs
        )
    return inputs_for(specs, asked.inputs, model=asked.model, shapes=asked.shapes, seed=asked.seed)
