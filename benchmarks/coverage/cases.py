"""Which cases there are, in which order, and on which backends each runs."""

from __future__ import annotations

import fnmatch
import zlib
from collections.abc import Sequence

from . import places  # noqa: F401  (puts the survey's folder on the path)

# isort: split
from case import Case
from cases_layers import LAYER_CASES
from cases_ops import OP_CASES
from cases_zoo import ZOO_CASES

from tfjsci.dtypes import BACKENDS, Backend

from .structural import STRUCTURAL

GROUPS = {
    "structural": "Structures",
    "layers": "`keras.layers`",
    "ops": "`keras.ops`",
    "zoo": "Nets",
}
"""By the first part of a case's name; in the order of the tables."""

_CHEAP = frozenset({"MobileNet", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large"})
_APPLICATIONS = frozenset(
    {
        "ConvNeXtTiny", "DenseNet121", "DenseNet169", "EfficientNetB0", "EfficientNetB3", "EfficientNetV2B0", "EfficientNetV2S",
        "InceptionResNetV2", "InceptionV3", "NASNetMobile", "ResNet101V2", "ResNet50", "ResNet50V2", "VGG16", "VGG19", "Xception",
    }
)  # fmt: skip
"""Those of ``keras.applications`` that take minutes on the cpu backend and on a software GPU."""


def all_cases() -> tuple[Case, ...]:
    """Breadth first: a case of everything, then the variants; the heavy nets last."""
    found = (*STRUCTURAL, *LAYER_CASES, *OP_CASES, *ZOO_CASES)
    first: list[Case] = []
    seen: set[tuple[str, str]] = set()
    for case in found:
        key = (case.kind, case.of or case.name)
        if key not in seen and not is_heavy(case):
            seen.add(key)
            first.append(case)
    taken = {case.name for case in first}
    rest = [case for case in found if case.name not in taken]
    return (*first, *(case for case in rest if not is_heavy(case)), *(case for case in rest if is_heavy(case)))


def chosen(only: str | None, shard: tuple[int, int]) -> list[Case]:
    """The cases of a shard whose name matches one of the shell patterns (commas between), or has it in it."""
    part, parts = shard
    patterns = only.split(",") if only else ["*"]
    return [
        case
        for case in all_cases()
        if any(fnmatch.fnmatchcase(case.name, each) or each in case.name for each in patterns)
        and zlib.crc32(case.name.encode()) % parts == part - 1
    ]


def group_of(name: str) -> str:
    """``layers``, ``ops``, ``zoo`` or ``structural``."""
    return name.partition("/")[0]


def is_heavy(case: Case) -> bool:
    """Whether it is a large net, which runs alone and on two backends only."""
    return case.name.removeprefix("zoo/") in _APPLICATIONS


def backends_of(case: Case, *, upstream: bool = False) -> Sequence[Backend]:
    """Where it runs; upstream's artifact without a GPU, which takes most of a sweep's time."""
    if upstream:
        return ("wasm",) if is_heavy(case) else ("wasm", "cpu")
    return ("wasm", "webgl") if is_heavy(case) else BACKENDS
