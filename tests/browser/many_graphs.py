"""Many small graphs with their inputs and TensorFlow's numbers, run in shared pages of a real browser: what differs.

Sizes known beforehand: GPU kernels even for small tensors; sizes of the run: as a page has it, where small integers stay on the
CPU (a kernel's parameters are read back, which webgpu can't do from the GPU).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from conformance import Pages
from lowering_cases import Example, as_constants, difference, rewritten
from op_cases import OpCase

from tfjsci.artifact.initializer import with_initializer
from tfjsci.artifact.spelling import for_the_runtime
from tfjsci.dtypes import GPU_BACKENDS, RUNTIME_DTYPE, Backend
from tfjsci.graph.graph import Array, Graph, ShapeAttr, dtype_name

AT_ONCE = 150
"""Cases of one page: a page that keeps every shader ever compiled grows slow."""


@dataclass(frozen=True, kw_only=True)
class Ready:
    """One example, as it is to be run: ``graph`` is complete in itself, ``wanted`` are TensorFlow's outputs of the original."""

    name: str
    example: Example
    graph: Graph
    wanted: tuple[Array, ...]

    @property
    def dynamic(self) -> bool:
        """Whether a size is known to the run alone."""
        shapes = (node.attrs.get("shape") for node in self.example.graph if node.op == "Placeholder")
        return any(not isinstance(s, ShapeAttr) or s.shape is None or None in s.shape for s in shapes)


def ready(name: str, example: Example, after: Graph | None = None) -> Ready:
    """The example as a conversion writes it, or ``after``, which was made of it already."""
    written = rewritten(example).graph if after is None else after
    return Ready(
        name=name,
        example=example,
        graph=as_constants(written, example.inputs),
        wanted=tuple(example.reference()),
    )


def mistakes(pages: Pages, backend: Backend, chosen: Sequence[Ready]) -> dict[int, list[str]]:
    """What went wrong, by the example's id."""
    found: dict[int, list[str]] = {}
    for forward in (False, True):
        part = [each for each in chosen if each.dynamic == forward and backend in each.example.backends]
        for start in range(0, len(part), AT_ONCE):
            group = part[start : start + AT_ONCE]
            cases = [_case(each) for each in group]
            results = pages.run(backend, cases, forward=forward)["results"]
            for each, result in zip(group, results, strict=True):
                problem = result["threw"] if "threw" in result else _difference(each, result["outputs"], backend)
                if problem:
                    found[id(each)] = [f"{each.name} on {backend}: {problem}\n    {each.example}"]
    return found


def _case(each: Ready) -> OpCase:
    ready = with_initializer(for_the_runtime(each.graph))
    return OpCase(name=each.name, graph=ready.main, initializer=ready.initializer)


def _difference(each: Ready, outputs: Sequence[dict[str, object]], backend: Backend) -> str | None:
    tolerance = each.example.gpu_tolerance if backend in GPU_BACKENDS else each.example.tolerance
    texts = []
    for i, (got, want) in enumerate(zip(outputs, each.wanted, strict=True)):
        dtype = RUNTIME_DTYPE[dtype_name(want)]
        if got["dtype"] != dtype:
            texts.append(f"output {i}: dtype {got['dtype']}, not {dtype}")
            continue
        values = got["values"]
        assert isinstance(values, list)
        if dtype == "string":
            words = [word.decode() if isinstance(word, bytes) else word for word in want.reshape(-1).tolist()]
            if (got["shape"], values) != (list(want.shape), words):
                texts.append(f"output {i}: {got['shape']} {values}, not {list(want.shape)} {words}")
            continue
        flat = np.array([float(value) for value in values])
        if dtype == "complex64":
            flat = flat[::2] + 1j * flat[1::2]
        exact = want if want.dtype.kind in "fc" else want.astype(np.int64)
        shaped = flat.reshape(got["shape"]) if exact.dtype.kind in "fc" else flat.reshape(got["shape"]).astype(np.int64)  # type: ignore[call-overload]
        if text := difference(shaped, exact, tolerance, each.example.scale):
            texts.append(f"output {i}: {text}")
    return "; ".join(texts) or None
