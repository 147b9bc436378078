"""The ``EXAMPLES`` of tests/tensorflow/rules: for each rule's file, name -> graph before; and numbers for their inputs.

A file may say for which backends its rule is: ``WANTED``.
"""

from __future__ import annotations

import importlib.util
import sys
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from lowering_cases import Example

from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.graph.graph import Array, DType, Graph, Node, ShapeAttr

FOLDER = Path(__file__).parent / "tensorflow" / "rules"
FILES = sorted(FOLDER.glob("test_*.py"))

OPEN_SIZE = 2
"""What a size is in the run that the graph leaves open."""

INTEGERS = (0, 3)
"""Integers are drawn from here, the second not among them: they may be indices."""


def rule_of(file: Path) -> str:
    """The name of the rule's file."""
    return file.stem.removeprefix("test_")


@cache
def examples_in(file: Path) -> Mapping[str, Example]:
    """The file's EXAMPLES, none if it has none (which a test tells); it imports its helpers from its own folder."""
    spec = importlib.util.spec_from_file_location(f"rule_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(FOLDER))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(FOLDER))
    graphs: Mapping[str, Graph] = getattr(module, "EXAMPLES", {})
    backends: tuple[Backend, ...] = getattr(module, "WANTED", BACKENDS)
    return {name: _with_numbers(f"{rule_of(file)}: {name}", graph, backends) for name, graph in graphs.items()}


def _with_numbers(text: str, graph: Graph, backends: tuple[Backend, ...]) -> Example:
    inputs = {node.name: _numbers(node) for node in graph if node.op == "Placeholder"}
    return Example(graph=graph, inputs=inputs, text=text, backends=backends)


def _numbers(placeholder: Node) -> Array:
    """Of the Placeholder's dtype and shape: the same ones for the same name and shape, no two floats alike."""
    dtype, shape = placeholder.attrs["dtype"], placeholder.attrs["shape"]
    assert isinstance(dtype, DType)
    assert isinstance(shape, ShapeAttr)
    assert shape.shape is not None, f"{placeholder.name}'s shape isn't known"
    sizes = tuple(OPEN_SIZE if size is None else size for size in shape.shape)
    draw = np.random.default_rng([zlib.crc32(placeholder.name.encode()), *sizes])
    if dtype.name == "bool":
        return draw.integers(0, 2, sizes).astype(np.bool_)
    if dtype.name.startswith("int"):
        return draw.integers(*INTEGERS, sizes).astype(dtype.name)
    return draw.normal(size=sizes).astype(dtype.name)
