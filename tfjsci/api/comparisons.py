"""Two models, or two runs, held against one another, from Python: what ``tfjsci compare`` does."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfjsci.api.one_browser import one_browser
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import UsageError
from tfjsci.results.store import read_results

if TYPE_CHECKING:
    from tfjsci.browser.protocol import Session
    from tfjsci.versus.compared import ModelsCompared, RunsCompared


def compare_models(
    a: str | os.PathLike[str],
    b: str | os.PathLike[str],
    *,
    backends: Sequence[Backend] = BACKENDS,
    inputs: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    model: str | None = None,
    input_shapes: Mapping[str, Sequence[int]] | None = None,
    seed: int = 0,
    limits: Mapping[str, float] | None = None,
    localize: bool = False,
    signature: str | None = None,
    allow_code: bool = False,
    deadline_seconds: float = 120.0,
    session: Session | None = None,
    told: Callable[[str], None] | None = None,
) -> ModelsCompared:
    """Run two models on the same inputs and hold ``b``'s outputs against ``a``'s, as ``tfjsci compare`` does.

    Each is an original of any format that is read, which TensorFlow runs, or the folder of a TensorFlow.js model, which a
    browser runs on each of ``backends``. ``inputs`` are arrays by the names of ``a``'s inputs, samples first; the path of an
    ``.npz`` with an array for each input, or of an ``.npy`` of the only one; or that of a manifest, whose ``model`` (its only
    one, if None) says where they come from: images, tables, arrays, random values. Without them they are random, from ``seed``,
    of ``input_shapes`` where the model leaves sizes open. ``limits`` are by metric, as in ``{"sqnr_db": 60}``; without any the
    SQNR is held to the built-in limit. ``localize`` finds the node where they come apart. A ``session`` that is handed in is
    shared, and stays open; ``told`` hears what is being done.

    A miss is in what is returned (``missed``), not raised. Raises the ``ModelError`` kinds of :mod:`tfjsci.errors`, ``BadInputs``
    among them, ``UsageError`` for a metric that there isn't, and ``EnvironmentFailed`` without a browser.
    """
    from tfjsci.load.load import LoadOptions
    from tfjsci.versus.member import look
    from tfjsci.versus.models import Asked, compare_two_models

    asked = Asked(
        backends=tuple(backends),
        inputs=inputs if inputs is None or isinstance(inputs, Mapping) else Path(inputs),
        model=model,
        shapes={name: tuple(shape) for name, shape in (input_shapes or {}).items()},
        seed=seed,
        limits=dict(limits or {}),
        localize=localize,
        options=LoadOptions(signature=signature, allow_code=allow_code),
        deadline_seconds=deadline_seconds,
    )
    with one_browser() as started:
        return compare_two_models(
            look(os.fspath(a)),
            look(os.fspath(b)),
            asked,
            session=started if session is None else lambda: session,
            told=told or (lambda _: None),
        )


def compare_results(a: str | os.PathLike[str], b: str | os.PathLike[str]) -> RunsCompared:
    """The numbers of two runs side by side: each is a ``results.json`` or the folder that it lies in. Raises ``UsageError``."""
    from tfjsci.versus.member import look
    from tfjsci.versus.runs import compare_runs

    members = [look(os.fspath(each)) for each in (a, b)]
    for member in members:
        if member.kind != "results":
            raise UsageError(
                f"{member.name} isn't the results of a run", hint="Give two of them: results.json, or its folder."
            )
    one, other = members
    return compare_runs(read_results(one.path), read_results(other.path), names=(one.name, other.name))
