"""What is claimed of the schemes, held against the browser's numbers; ``python -m benchmarks.quantized`` measures beforehand.

``--net NAME`` measures that net alone, and takes the others as they were measured last: all of them take longer than ten minutes.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from benchmarks.quantized.claims import Claim, claims
from benchmarks.quantized.measure import comparison
from benchmarks.quantized.results import measured_last
from benchmarks.trained.nets import NETS
from tfjsci.browser.session import BrowserSession

MET = (
    "uint8 per tensor: dB above upstream's uint8",
    "uint8 per tensor: bytes over upstream's uint8",
    "uint8 per tensor, calibrated: dB above upstream's uint8",
    "uint8 per tensor, calibrated: bytes over upstream's uint8",
    "uint8-per-channel: dB above upstream's uint8, mean of all nets",
    "uint8-per-channel: dB above upstream's uint8, mean of the depthwise nets",
    "uint8-per-channel, calibrated: dB above upstream's uint8, mean of all nets",
    "uint8-per-channel, calibrated: dB above upstream's uint8, mean of the depthwise nets",
    "int4, calibrated: top-1 agreement, classifiers of digits",
    "int4, calibrated: dB above plain int4, mean of all nets",
)

MISSED = ("int4, calibrated: bytes over ours uint8's",)
"""Goals that aren't reached: said in benchmarks/README.md, where the tables tell by how much."""


@pytest.fixture(scope="module")
def found(nets_to_measure: Sequence[str]) -> dict[str, Claim]:
    with BrowserSession() as session:
        now = {net: comparison(session, net)["rows"] for net in nets_to_measure}
    rows = {net: now[net] if net in now else measured_last(net, "comparison")["rows"] for net in NETS}
    return {claim.name: claim for claim in claims(rows)}


@pytest.mark.parametrize("name", MET)
def test_met(name: str, found: dict[str, Claim]) -> None:
    assert found[name].measured
    assert not found[name].missed


@pytest.mark.parametrize("name", MISSED)
def test_not_met_yet(name: str, found: dict[str, Claim]) -> None:
    assert found[name].missed, "it is met now: move it to MET, and tell it in benchmarks/README.md"


def test_every_claim_is_one_or_the_other(found: dict[str, Claim]) -> None:
    assert set(found) == {*MET, *MISSED}
