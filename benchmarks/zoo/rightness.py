"""How near an artifact comes to TensorFlow on a backend: SQNR of the logits."""

from __future__ import annotations

from tfjsci.browser.session import BrowserSession
from tfjsci.compare.compare import compare_outputs
from tfjsci.dtypes import Backend
from tfjsci.errors import TfjsciError

from .converting import Who, converted
from .models import reference
from .places import artifact_of
from .results import Figures, measured

DEADLINE_SECONDS = 900


def rightness(session: BrowserSession, net: str, who: Who, backend: Backend) -> Figures:
    """``sqnr_db`` (null: exact) and ``max_relative``; or ``failure``, what the converter or the page said."""
    conversion = converted(net, who)
    if conversion.failure:
        return {"failure": conversion.failure, "at": "conversion"}

    def run() -> Figures:
        expected = reference(net)
        try:
            (found,) = session.predict(
                artifact_of(net, who), backend, [expected.inputs], deadline_seconds=DEADLINE_SECONDS
            )
        except TfjsciError as error:
            _, _, said = error.message.splitlines()[0].partition(": ")  # before it: which job failed
            return {"failure": said, "at": "run"}
        (output,) = compare_outputs([expected.outputs], [found.outputs], topk=False)
        if output.problem is not None:
            return {"failure": str(output.problem), "at": "outputs"}
        return {"sqnr_db": output.sqnr_db, "max_relative": output.max_relative, "renderer": found.environment.renderer}

    # numbers don't depend on how busy the machine is
    return measured("rightness", net, who, backend, of=conversion.digest, quick=False, run=run)


def runs(session: BrowserSession, net: str, who: Who, backend: Backend) -> bool:
    """Whether the artifact is there and answers at all; not whether it answers rightly."""
    return "failure" not in rightness(session, net, who, backend)
