"""Two artifacts of one variant side by side: sizes, nodes, ops, parameters, and how near they came to their reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tfjsci.artifact.artifact import Artifact, Download
from tfjsci.compare.comparison import Comparison
from tfjsci.dtypes import Backend


@dataclass(frozen=True, kw_only=True)
class ArtifactFacts:
    """Of one artifact, what can be told as a difference; ``nodes`` are those that compute."""

    download: Download
    nodes: int
    parameters: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class SqnrChange:
    """The worst output's SQNR in dB on one backend, before and now; None where every output was exact."""

    backend: Backend
    base_db: float | None
    head_db: float | None


@dataclass(frozen=True, kw_only=True)
class VariantDifference:
    """One variant. ``base`` or ``head`` is None where only the other has it.

    ``ops_added`` and ``ops_removed``: how many more and how many fewer nodes of an op there are now.
    ``sqnr``: only for backends on which both were compared.
    """

    variant: str
    base: ArtifactFacts | None
    head: ArtifactFacts | None
    ops_added: dict[str, int]
    ops_removed: dict[str, int]
    sqnr: tuple[SqnrChange, ...] = ()

    @property
    def identical(self) -> bool:
        """The same bytes."""
        return self.base is not None and self.head is not None and self.base.sha256 == self.head.sha256


def difference(
    base: Artifact | None,
    head: Artifact | None,
    *,
    base_comparisons: Sequence[Comparison] = (),
    head_comparisons: Sequence[Comparison] = (),
) -> VariantDifference:
    """What changed from ``base`` to ``head``; comparisons of other variants are passed over.

    Raises ``ValueError`` when there is neither, or their variants differ.
    """
    there = [each for each in (base, head) if each is not None]
    if not there or len({each.variant for each in there}) != 1:
        raise ValueError("one variant, in at least one of the two")
    variant = there[0].variant
    before, now = base.ops if base else {}, head.ops if head else {}
    both = base is not None and head is not None
    return VariantDifference(
        variant=variant,
        base=_facts(base),
        head=_facts(head),
        ops_added=_more(before, now) if both else {},
        ops_removed=_more(now, before) if both else {},
        sqnr=_sqnr(variant, base_comparisons, head_comparisons) if both else (),
    )


def _facts(artifact: Artifact | None) -> ArtifactFacts | None:
    if artifact is None:
        return None
    return ArtifactFacts(
        download=artifact.download, nodes=artifact.nodes, parameters=artifact.parameters, sha256=artifact.sha256
    )


def _more(before: Mapping[str, int], now: Mapping[str, int]) -> dict[str, int]:
    return {op: count - before.get(op, 0) for op, count in sorted(now.items()) if count > before.get(op, 0)}


def _sqnr(variant: str, before: Sequence[Comparison], now: Sequence[Comparison]) -> tuple[SqnrChange, ...]:
    old = {each.environment.backend: each for each in before if each.variant == variant and _comparable(each)}
    return tuple(
        SqnrChange(backend=backend, base_db=_worst(old[backend]), head_db=_worst(each))
        for each in now
        if each.variant == variant and _comparable(each) and (backend := each.environment.backend) in old
    )


def _comparable(comparison: Comparison) -> bool:
    """Whether one number stands for all outputs: a missing output, or one of zeros, has none."""
    return bool(comparison.outputs) and all(
        each.problem is None and (each.exact or each.sqnr_db is not None) for each in comparison.outputs
    )


def _worst(comparison: Comparison) -> float | None:
    return min((each.sqnr_db for each in comparison.outputs if each.sqnr_db is not None), default=None)
