"""The catalogue of a release that the package wasn't made with: what the release said of itself in the browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfjsci.catalog.catalog import Catalog, Op
from tfjsci.dtypes import BACKENDS


def catalog_of(said: Mapping[str, Any], shipped: Catalog) -> Catalog:
    """``said`` (``Session.describe_release``) as a catalogue.

    A minified release doesn't tell everything. Inputs and attributes of an op are taken from ``shipped``, where that has
    the op. An op that there is no example of may call any kernel: it has none here, so that the check lets it pass, and
    the run in the browser tells.
    """
    return Catalog(
        packages={f"@tensorflow/{name}": {"version": str(version)} for name, version in said["versions"].items()},
        made_of="asked of the release",
        kernels={backend: frozenset(said["kernels"][backend]) for backend in BACKENDS},
        ops={name: _op(name, entry, shipped.ops.get(name)) for name, entry in sorted(said["ops"].items())},
    )


def _op(name: str, said: Mapping[str, Any], shipped: Op | None) -> Op:
    return Op(
        name=name,
        category=str(said["category"]),
        inputs=shipped.inputs if shipped else (),
        attrs=shipped.attrs if shipped else (),
        kernels=tuple(said["kernels"] or ()),
        fails=said.get("fails"),
    )
