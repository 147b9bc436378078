"""A search as it could have ended, for whoever shows one."""

from __future__ import annotations

from dataclasses import replace

from tfjsci.localize.localization import (
    Closeness,
    ErrorHistogram,
    Localization,
    PathStep,
    RestoredWeight,
    WeightRanking,
)

EXACT, LOST = Closeness(exact=True), Closeness(sqnr_db=4.25)
ERRORS = ErrorHistogram(exact=5, below=(1e-3, 1e-2, 1e-1), counts=(0, 2, 40, 1))
RANKING = WeightRanking(
    quantized=Closeness(sqnr_db=12.0),
    limit_db=20.0,
    weights=(
        RestoredWeight(
            name="conv/kernel", sources=("conv/kernel",), after=Closeness(sqnr_db=31.0), gain_db=19.0, more_bytes=3000
        ),
        RestoredWeight(name="b*[0]'s", sources=(), after=Closeness(sqnr_db=12.1), gain_db=0.1, more_bytes=300),
    ),
    exclude=("conv/kernel",),
    excluded=Closeness(sqnr_db=31.0),
    more_bytes=3000,
    meets=True,
    tried=2,
    total=2,
)


def localization(node: str = "net/conv/Relu", **changes: object) -> Localization:
    found = Localization(
        variant="uint8",
        backend="wasm",
        reference="float on wasm",
        candidate="uint8 on wasm",
        found="node",
        reason=f"Relu {node} is the first whose inputs agree (exact) and whose output doesn't (4.2 dB)",
        limit_db=20.0,
        node=node,
        op="Relu",
        layers=("conv",),
        alone=LOST,
        path=(
            PathStep(node="net/x", op="Pad", layers=(), into=EXACT, out=EXACT),
            PathStep(node=node, op="Relu", layers=("conv",), into=EXACT, out=LOST),
        ),
        errors=ERRORS,
        ranking=RANKING,
        compared=2,
        total=9,
    )
    return replace(found, **changes)  # type: ignore[arg-type]
