"""Outputs against outputs: first whether they are the same kind of thing at all, then how far apart they lie.

Used for all pairs alike: TensorFlow against the float artifact, float against quantised, backend against backend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tfjsci.compare.accuracy import RightClasses, accuracy
from tfjsci.compare.comparison import OutputComparison
from tfjsci.compare.metrics import Difference, count_non_finite, difference, mismatch_ratio, topk_agreement
from tfjsci.compare.probability import are_probabilities, divergence
from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.graph.graph import dtype_name
from tfjsci.manifest.resolved import Tolerance

Array = npt.NDArray[np.generic]


RTOL = 1e-3
"""How far a value may be off, relative to itself, before it counts as a mismatch: what TensorFlow.js' own tests allow a float32
kernel."""


@dataclass(frozen=True, kw_only=True)
class Measures:
    """What is measured beside the numbers that need nothing.

    A value mismatches when it is farther off than ``atol + rtol·|reference|``. ``atol`` None: ``rtol`` times the reference's root
    mean square, so that values near 0 are held to the output's own scale. ``right``: the labels of one output.
    """

    rtol: float = RTOL
    atol: float | None = None
    right: RightClasses | None = None

    @classmethod
    def within(cls, tolerance: Tolerance) -> Measures:
        """Those of a manifest's ``compare``."""
        return cls(rtol=tolerance.rtol, atol=tolerance.atol)


def compare_outputs(
    reference: Sequence[Mapping[str, Array]],
    candidate: Sequence[Mapping[str, Array]],
    *,
    topk: bool,
    measures: Measures = Measures(),  # frozen
) -> tuple[OutputComparison, ...]:
    """Every output of ``candidate`` against ``reference``'s, over all inference calls together.

    Each mapping is one call: arrays by output name. The outputs come in the reference's order, then those that only
    the candidate has. ``shape`` is that of the first call, ``dtype`` the reference's; ``samples`` counts the first axis
    over all calls. With ``topk`` the last axis of float outputs [..., classes] is taken as classes, and every position
    of the other axes counts.

    Raises ``ValueError`` if the two sides weren't called equally often.
    """
    if len(reference) != len(candidate):
        raise ValueError(f"{len(reference)} calls of the reference, {len(candidate)} of the candidate")
    wanted = list(dict.fromkeys(name for call in reference for name in call))
    extra = list(dict.fromkeys(name for call in candidate for name in call if name not in wanted))
    return (
        *(_compare(name, reference, candidate, topk=topk, measures=measures) for name in wanted),
        *(_only_in_candidate(name, candidate) for name in extra),
    )


def _compare(
    name: str,
    reference: Sequence[Mapping[str, Array]],
    candidate: Sequence[Mapping[str, Array]],
    *,
    topk: bool,
    measures: Measures,
) -> OutputComparison:
    refs = [np.asarray(call[name]) for call in reference if name in call]
    cands = [np.asarray(call[name]) for call in candidate if name in call]
    bare = OutputComparison(
        output=name,
        shape=refs[0].shape,
        dtype=dtype_name(refs[0]),
        samples=sum(len(ref) if ref.ndim else 1 for ref in refs),
    )
    problem = _unlike(refs, cands)
    if problem is not None:
        return replace(bare, problem=problem)
    if bare.dtype == "string":
        return _texts(bare, refs, cands)
    odd = count_non_finite(refs, cands)
    bare = replace(bare, nan=odd.nan, inf=odd.inf)
    if odd.mismatched:
        told = f"NaN or infinite on one side alone, or differently, at {odd.mismatched} places"
        return replace(bare, problem=told)
    found = difference(refs, cands)
    if found is None:  # empty, or NaN and infinities in the same places and nothing else
        return replace(bare, exact=True)
    return _numbers(bare, found, refs, cands, topk=topk, measures=measures)


def _texts(bare: OutputComparison, refs: Sequence[Array], cands: Sequence[Array]) -> OutputComparison:
    unequal = sum(int((_text(r) != _text(c)).sum()) for r, c in zip(refs, cands, strict=True))
    total = sum(ref.size for ref in refs)
    return replace(bare, exact=not unequal, problem=f"{unequal} of {total} strings are different" if unequal else None)


def _numbers(
    bare: OutputComparison,
    found: Difference,
    refs: Sequence[Array],
    cands: Sequence[Array],
    *,
    topk: bool,
    measures: Measures,
) -> OutputComparison:
    atol = measures.rtol * found.reference_rms if measures.atol is None else measures.atol
    right = measures.right if measures.right is not None and measures.right.output == bare.output else None
    finite = not bare.nan + bare.inf
    return replace(
        bare,
        exact=found.exact,
        max_abs=found.max_abs,
        max_relative=found.max_relative,
        rmse=found.rmse,
        sqnr_db=found.sqnr_db,
        cosine=found.cosine,
        top1=_top(refs, cands, k=1) if topk else None,
        top5=_top(refs, cands, k=5) if topk else None,
        psnr_db=found.psnr_db,
        kl=divergence(refs, cands) if finite and are_probabilities(refs) else None,
        mismatch=mismatch_ratio(refs, cands, atol=atol, rtol=measures.rtol),
        atol=atol,
        rtol=measures.rtol,
        accuracy=accuracy(cands, right) if right else None,
        reference_accuracy=accuracy(refs, right) if right else None,
        labels=right.count if right else 0,
    )


def _only_in_candidate(name: str, candidate: Sequence[Mapping[str, Array]]) -> OutputComparison:
    first = next(np.asarray(call[name]) for call in candidate if name in call)
    return OutputComparison(
        output=name, shape=first.shape, dtype=dtype_name(first), problem="the reference has no such output"
    )


def _unlike(refs: Sequence[Array], cands: Sequence[Array]) -> str | None:
    """Why these can't be compared number by number."""
    if len(cands) != len(refs):
        return "the output is missing" if not cands else f"the output is missing in {len(refs) - len(cands)} calls"
    for ref, cand in zip(refs, cands, strict=True):
        have, want = dtype_name(cand), RUNTIME_DTYPE.get(dtype_name(ref))
        if want is None:
            return f"the reference's dtype {dtype_name(ref)} has no counterpart in TensorFlow.js"
        if have != want:
            return f"the dtype is {have}, should be {want}"
        if cand.shape != ref.shape:
            return f"the shape is {list(cand.shape)}, should be {list(ref.shape)}"
    return None


def _top(refs: Sequence[Array], cands: Sequence[Array], *, k: int) -> float | None:
    """The share of places that agree; None where classes make no sense, or are so few that any k of them would do."""
    if any(ref.ndim < 2 or ref.shape[-1] <= k or ref.dtype.kind != "f" for ref in refs):
        return None
    places = sum(ref.size // ref.shape[-1] for ref in refs)
    return sum(topk_agreement(r, c, k=k) for r, c in zip(refs, cands, strict=True)) / places if places else None


def _text(strings: Array) -> npt.NDArray[np.object_]:
    """bytes and str alike, as bytes: TensorFlow gives the one, a browser the other."""
    encoded = [s if isinstance(s, bytes) else str(s).encode() for s in strings.reshape(-1).tolist()]
    found = np.empty(len(encoded), dtype=object)
    found[:] = encoded
    return found
