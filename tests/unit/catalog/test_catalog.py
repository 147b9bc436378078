"""What the catalogue says of ops and backends; that it is right is the conformance test's business."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tfjsci.catalog.catalog import Op, load_catalog
from tfjsci.dtypes import BACKENDS

CATALOG = load_catalog()


@pytest.mark.parametrize(
    ("op", "backends"),
    [
        ("Conv2D", ("webgl", "webgpu", "wasm", "cpu")),
        ("While", ("webgl", "webgpu", "wasm", "cpu")),
        ("Einsum", ("webgl", "webgpu", "cpu")),
        ("Unique", ("webgl", "wasm", "cpu")),
        ("StaticRegexReplace", ("webgl", "cpu")),
        ("NonMaxSuppressionV4", ("webgl", "webgpu", "wasm", "cpu")),  # its kernel isn't what the executor calls
        ("BitwiseAnd", ()),  # the executor asks for inputs that the op list calls otherwise
        ("RaggedGather", ()),  # shipped, but the converter never imports it
        ("SimpleMLInferenceOpWithHandle", ()),
        ("Erfc", ()),
    ],
)
def test_backends_of(op: str, backends: tuple[str, ...]) -> None:
    assert CATALOG.backends_of(op) == backends


def test_holds_the_categories_that_the_converter_imports() -> None:
    assert len(CATALOG.ops) == 242
    assert {op.category for op in CATALOG.ops.values()}.isdisjoint({"ragged", "tfdf"})


def test_kernels_by_backend() -> None:
    assert {backend: len(CATALOG.kernels[backend]) for backend in BACKENDS} == {
        "webgl": 170,
        "webgpu": 162,
        "wasm": 157,
        "cpu": 172,
    }


def test_an_op_knows_what_is_read_of_it() -> None:
    pool = CATALOG.ops["MaxPool"]
    assert isinstance(pool, Op)
    assert pool.category == "convolution"
    assert pool.kernels == ("MaxPool",)
    assert {attr.name: attr.read for attr in pool.attrs} == {
        "strides": True,
        "padding": True,
        "data_format": False,
        "ksize": True,
        "explicit_paddings": False,
        "T": False,
    }
    concat = CATALOG.ops["ConcatV2"]
    assert [(p.name, p.start, p.end) for p in concat.inputs] == [("tensors", 0, -1), ("axis", -1, None)]


def test_missing_kernels_are_named() -> None:
    assert CATALOG.missing_kernels("RFFT", "wasm") == ("Complex", "FFT", "Imag", "Real")
    assert CATALOG.missing_kernels("RFFT", "webgl") == ()


def test_is_read_once() -> None:
    assert load_catalog() is CATALOG


def test_loads_without_numpy() -> None:
    # `tfjsci report` and `--help` may look at the catalogue, and must answer at once.
    code = "import sys; from tfjsci.catalog.catalog import load_catalog; load_catalog(); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
