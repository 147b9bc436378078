"""The base's artifact run on what this run's was run on, and their outputs side by side.

One backend is enough: what backends do to a model is told elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tfjsci.against.base import BaseModel, why_not_the_bases_files
from tfjsci.artifact.artifact import Artifact
from tfjsci.baseline.change import why_not_given_the_same
from tfjsci.baseline.numbers import NumbersChange
from tfjsci.browser.protocol import CustomScript
from tfjsci.compare.compare import compare_outputs
from tfjsci.dtypes import Backend
from tfjsci.manifest.resolved import ModelSpec
from tfjsci.sessions import Sessions

Calls = Sequence[Mapping[str, npt.NDArray[np.generic]]]


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What this run's artifacts gave on ``backend`` for ``samples``, by variant, call by call."""

    backend: Backend
    samples: Calls
    outputs: Mapping[str, Calls]


def numbers_change(
    base: BaseModel,
    head: Artifact,
    answers: Answers,
    *,
    spec: ModelSpec,
    sessions: Sessions,
    scripts: Sequence[CustomScript],
) -> NumbersChange | None:
    """The base's outputs against this run's, or why there are none; None where the bytes are the same, or nothing was run.

    Raises what the browser raises.
    """
    before = next((each for each in base.artifacts if each.variant == head.variant), None)
    outputs = answers.outputs.get(head.variant)
    if before is None or outputs is None or before.sha256 == head.sha256:
        return None
    reason = (
        base.cant_run or why_not_given_the_same(base=before.inputs, head=head.inputs) or why_not_the_bases_files(before)
    )
    if reason:
        return NumbersChange(variant=head.variant, backend=answers.backend, reason=reason)
    ran = sessions.get(spec.tfjs, answers.backend).predict(
        before.path, answers.backend, answers.samples, deadline_seconds=spec.deadline_seconds, scripts=scripts
    )
    then = [dict(each.outputs) for each in ran]
    return NumbersChange(
        variant=head.variant, backend=answers.backend, outputs=compare_outputs(then, outputs, topk=False)
    )
