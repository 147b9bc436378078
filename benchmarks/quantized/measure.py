"""The measurements of a net: every variant in the browser; ranges and rounding, and each part of calibration, in TensorFlow."""

from __future__ import annotations

from functools import partial

from tfjsci.browser.protocol import Session
from tfjsci.manifest.resolved import FLOAT

from ..trained.models import digest as digest_of_net
from ..trained.models import samples
from ..trained.nets import NETS
from ..zoo.converting import digest
from . import ours, upstream
from .ablation import ablate_calibrated, ablate_plain
from .measured import in_browser, in_browser_if_it_runs
from .places import artifact_of
from .results import Results, kept, kept_of, store
from .variants import UPSTREAM, VARIANTS


def comparison(session: Session, net: str) -> Results:
    """``rows``: figures by "ours, NAME" and "upstream, DTYPE"; ``notes`` of the calibrated ones, ``parameters``.

    All is converted anew; what comes out as it was isn't run again.
    """
    drawn = samples(net)
    upstream.convert(net)
    model = ours.converted(net)
    notes = ours.write(net, model, drawn)
    rows: dict[str, Results] = {}
    for who, names in (("ours", (FLOAT, *VARIANTS)), ("upstream", UPSTREAM)):
        for name in names:
            artifact = artifact_of(net, who, name)
            run = in_browser if who == "ours" else in_browser_if_it_runs
            found = kept_of(
                net,
                f"rows/{who}, {name}",
                of=f"{digest_of_net(net)} {digest(artifact)}",
                measure=partial(run, session, artifact, NETS[net], drawn),
            )
            rows[f"{who}, {name}"] = {key: value for key, value in found.items() if key != "of"}
    constants = model.graph.all_constants.values()
    parameters = sum(int(constant.value.size) for constant in constants if constant.sources)
    return store(net, "comparison", {"rows": rows, "notes": notes, "parameters": parameters})


def plain_ablation(net: str) -> Results:
    """``rows``: figures by how was rounded, without samples."""
    return kept(net, "plain", lambda: {"rows": ablate_plain(NETS[net], samples(net), ours.converted(net))})


def ablation(net: str) -> Results:
    """``rows``: figures by what was switched on of calibration."""
    return kept(net, "ablation", lambda: {"rows": ablate_calibrated(NETS[net], samples(net), ours.converted(net))})
