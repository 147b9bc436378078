"""What is claimed of the zoo, held against its results; ``python -m benchmarks.zoo`` measures what is missing beforehand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from zoo.converting import ALONE, Who
from zoo.first import first_inference
from zoo.growth import SIZES, growth
from zoo.nets import NETS
from zoo.rightness import rightness, runs
from zoo.sizes import sizes
from zoo.steady import TIMED, steady
from zoo.summary import geometric_mean

from tfjsci.browser.session import BrowserSession
from tfjsci.dtypes import BACKENDS, Backend

SQNR_DB: dict[Backend, float] = {"cpu": 80, "wasm": 80, "webgl": 80, "webgpu": 80}
"""Of logits. The law on cpu and wasm; calibrated on a software renderer with float32 textures on the other two."""

FASTER: dict[Backend, float] = {"wasm": 1.10, "webgl": 1.08}
"""The geometric mean of upstream's time over ours."""

NONE_SLOWER = 0.97
FASTER_WITH_RULES = 2.0
FIRST = 0.9
"""The geometric mean of our first inference over upstream's."""

NODES = {"MobileNetV2": 70, "ConvNeXtTiny": 300, "text transformer": 90}
REWRITING_SECONDS = 10.0
"""For the largest graph of ``zoo/growth.py``."""

LINEAR = 2.0
"""Time a node, of the largest graph over the smallest: n² would be 10."""


@pytest.fixture(scope="module")
def session() -> Iterator[BrowserSession]:
    with BrowserSession() as opened:
        yield opened


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("net", NETS)
def test_right(net: str, backend: Backend, session: BrowserSession) -> None:
    found = rightness(session, net, "ours", backend)
    assert "failure" not in found, found["failure"]
    assert found["sqnr_db"] is None or found["sqnr_db"] >= SQNR_DB[backend]


@pytest.mark.parametrize("backend", TIMED)
def test_faster_than_upstream(backend: Backend, session: BrowserSession) -> None:
    comparable = [net for net in NETS if runs(session, net, "upstream", backend)]
    found = {net: steady(session, net, "upstream", backend, quick=False) for net in comparable}
    slower = {net: figures["speedup"] for net, figures in found.items() if figures["speedup"] < NONE_SLOWER}
    assert not slower
    assert geometric_mean(found.values(), "speedup").middle >= FASTER[backend]


@pytest.mark.parametrize("alone", [False, True], ids=["for all", "alone"])
@pytest.mark.parametrize("backend", TIMED)
@pytest.mark.parametrize("net", [net for net, spec in NETS.items() if spec.also_without_rules])
def test_rules_pay(net: str, backend: Backend, alone: bool, session: BrowserSession) -> None:
    who: Who = ALONE[backend] if alone else "ours"
    assert runs(session, net, "without rules", backend), "without its rules it doesn't run: nothing to compare with"
    assert steady(session, net, "without rules", backend, quick=False, who=who)["speedup"] >= FASTER_WITH_RULES


@pytest.mark.parametrize("backend", TIMED)
@pytest.mark.parametrize("net", [net for net, spec in NETS.items() if spec.also_without_rules])
def test_right_for_some_backends_alone(net: str, backend: Backend, session: BrowserSession) -> None:
    found = rightness(session, net, ALONE[backend], backend)
    assert "failure" not in found, found["failure"]
    assert found["sqnr_db"] >= SQNR_DB[backend]


def test_first_inference(session: BrowserSession) -> None:
    comparable = [net for net in NETS if runs(session, net, "upstream", "webgl")]
    found = [first_inference(session, net, quick=False) for net in comparable]
    assert geometric_mean(found, "ratio").middle <= FIRST


@pytest.mark.parametrize(("net", "most"), NODES.items())
def test_nodes(net: str, most: int) -> None:
    assert sizes(net, "ours")["nodes"] <= most


def test_rewriting_grows_about_linearly() -> None:
    smallest, *_, largest = (growth(nodes, quick=False) for nodes in SIZES)
    assert largest["seconds"] < REWRITING_SECONDS
    each = [figures["seconds"] / figures["nodes_before"] for figures in (smallest, largest)]
    assert each[1] / each[0] <= LINEAR
