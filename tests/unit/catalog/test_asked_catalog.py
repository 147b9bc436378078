"""A catalogue out of what a release said, on what the package knows of the pinned one."""

from __future__ import annotations

from typing import Any

from tfjsci.catalog.asked import catalog_of
from tfjsci.catalog.catalog import load_catalog
from tfjsci.catalog.check import check_ops
from tfjsci.dtypes import BACKENDS
from tfjsci.graph.graph import Graph, Node

SHIPPED = load_catalog()
SAID: dict[str, Any] = {
    "versions": {"tfjs": "9.9.9", "tfjs-core": "9.9.9"},
    "kernels": {backend: ["MaxPool", "Relu"] for backend in BACKENDS} | {"webgpu": ["MaxPool"]},
    "ops": {
        "Relu": {"category": "basic_math", "kernels": ["Relu"]},
        "MaxPool": {"category": "convolution", "kernels": ["MaxPool"]},
        "Newer": {"category": "graph", "kernels": None},
        "Broken": {"category": "graph", "kernels": [], "fails": "x is undefined"},
    },
}  # fmt: skip
CATALOG = catalog_of(SAID, SHIPPED)


def test_version_ops_and_kernels_are_what_the_release_said() -> None:
    assert CATALOG.version == "9.9.9"
    assert list(CATALOG.ops) == ["Broken", "MaxPool", "Newer", "Relu"]
    assert CATALOG.missing_kernels("Relu", "webgpu") == ("Relu",)
    assert CATALOG.backends_of("Relu") == ("webgl", "wasm", "cpu")
    assert (CATALOG.backends_of("Broken"), CATALOG.ops["Broken"].fails) == ((), "x is undefined")


def test_inputs_and_attributes_are_the_pinned_releases() -> None:
    pool, pinned = CATALOG.ops["MaxPool"], SHIPPED.ops["MaxPool"]
    assert (pool.inputs, pool.attrs) == (pinned.inputs, pinned.attrs)
    assert (CATALOG.ops["Newer"].inputs, CATALOG.ops["Newer"].attrs) == ((), ())


def test_an_op_that_nobody_has_an_example_of_is_let_pass() -> None:
    assert CATALOG.backends_of("Newer") == BACKENDS


def test_the_check_speaks_of_that_release() -> None:
    net = Graph(nodes=(Node(name="x", op="Relu"), Node(name="y", op="Abs", inputs=("x",))), outputs=("y",))
    by_op = {found.op: found for found in check_ops(net, BACKENDS, CATALOG).unsupported}
    assert by_op["Abs"].reason == "TensorFlow.js 9.9.9 has no such op"
    assert by_op["Relu"].backends == ("webgpu",)
    assert check_ops(net, BACKENDS, SHIPPED).unsupported == ()
