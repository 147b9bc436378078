"""Graph models written by hand, small enough to read: a model.json, and its weights as bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

FLOAT, INT, BOOL, STRING = "DT_FLOAT", "DT_INT32", "DT_BOOL", "DT_STRING"

Node = dict[str, Any]


def node(name: str, op: str, *inputs: str, **attributes: Any) -> Node:
    return {"name": name, "op": op, "input": list(inputs), "attr": attributes}


def shape_of(dimensions: Sequence[int]) -> dict[str, Any]:
    return {"shape": {"dim": [{"size": str(size)} for size in dimensions]}}


def placeholder(name: str, dtype: str, dimensions: Sequence[int]) -> Node:
    return node(name, "Placeholder", dtype={"type": dtype}, shape=shape_of(dimensions))


def weight(name: str, dtype: str, dimensions: Sequence[int]) -> Node:
    return node(
        name,
        "Const",
        dtype={"type": dtype},
        value={"tensor": {"dtype": dtype, "tensorShape": shape_of(dimensions)["shape"]}},
    )


def port(tensor: str, dtype: str, dimensions: Sequence[int]) -> dict[str, Any]:
    return {"name": tensor, "dtype": dtype, "tensorShape": shape_of(dimensions)["shape"]}


def write_model(
    folder: Path,
    nodes: Sequence[Node],
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    weights: Mapping[str, np.ndarray] = {},
    *,
    functions: Sequence[Mapping[str, Any]] = (),
    shards: int = 1,
) -> Path:
    """Writes the artifact; its weights are cut into ``shards`` files of about the same length."""
    folder.mkdir(parents=True, exist_ok=True)
    data = b"".join(array.tobytes() for array in weights.values())
    bounds = [len(data) * index // shards for index in range(shards + 1)]
    paths = [f"group1-shard{index + 1}of{shards}.bin" for index in range(shards)]
    for path, start, stop in zip(paths, bounds, bounds[1:], strict=False):
        (folder / path).write_bytes(data[start:stop])
    topology: dict[str, Any] = {"node": list(nodes), "versions": {"producer": 1882, "minConsumer": 12}}
    if functions:
        topology["library"] = {"function": list(functions)}
    specs = [{"name": name, "shape": list(array.shape), "dtype": array.dtype.name} for name, array in weights.items()]
    document = {
        "format": "graph-model",
        "modelTopology": topology,
        "weightsManifest": [{"paths": paths, "weights": specs}] if weights else [],
        "signature": {"inputs": dict(inputs), "outputs": dict(outputs)},
    }
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


KERNEL = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)


def dense(folder: Path, *, output: str = "scores") -> Path:
    """``scores = images @ KERNEL``; the signature's names are not the nodes' names."""
    return write_model(
        folder,
        [
            placeholder("serving_images", FLOAT, [-1, 2]),
            weight("kernel", FLOAT, KERNEL.shape),
            _matmul("Identity", "serving_images", "kernel"),
        ],
        {"images": port("serving_images:0", FLOAT, [-1, 2])},
        {output: port("Identity:0", FLOAT, [-1, 3])},
        {"kernel": KERNEL},
    )  # fmt: skip


def several_dtypes(folder: Path) -> Path:
    """Two outputs in an order of the signature's own: ``less = whole < limit`` (bool), ``sum = whole + limit`` (int32)."""
    return write_model(
        folder,
        [
            placeholder("a", INT, [3]),
            placeholder("b", INT, [3]),
            node("plus", "AddV2", "a", "b", T={"type": INT}),
            node("below", "Less", "a", "b", T={"type": INT}),
        ],
        {"whole": port("a:0", INT, [3]), "limit": port("b:0", INT, [3])},
        {"less": port("below:0", BOOL, [3]), "sum": port("plus:0", INT, [3])},
    )


def many_weights(folder: Path, *, shards: int, megabytes: int) -> Path:
    """``total = sum(weights) + shift``: right only when every shard arrived, in its place."""
    count = megabytes * 250_000
    values = (np.arange(count) % 7 - 3).astype(np.float32)
    return write_model(
        folder,
        [
            placeholder("shift", FLOAT, [1]),
            weight("values", FLOAT, [count]),
            weight("axis", INT, [1]),
            node("sum", "Sum", "values", "axis", T={"type": FLOAT}, keep_dims={"b": False}),
            node("total", "AddV2", "sum", "shift", T={"type": FLOAT}),
        ],
        {"shift": port("shift:0", FLOAT, [1])},
        {"total": port("total:0", FLOAT, [1])},
        {"values": values, "axis": np.array([0], dtype=np.int32)},
        shards=shards,
    )


def counting_loop(folder: Path, *, endless: bool) -> Path:
    """``count``: starts at ``start``, adds one while it is below 5 (or, endless, while it equals itself)."""
    return write_model(
        folder,
        [
            placeholder("start", INT, []),
            node(
                "loop",
                "StatelessWhile",
                "start",
                T={"list": {"type": [INT]}},
                cond={"func": {"name": "go_on"}},
                body={"func": {"name": "step"}},
            ),
            node("count", "Identity", "loop", T={"type": INT}),
        ],
        {"start": port("start:0", INT, [])},
        {"count": port("count:0", INT, [])},
        {"five": np.array(5, dtype=np.int32), "one": np.array(1, dtype=np.int32)},
        functions=[
            _function("go_on", "answer", BOOL, "five", _int_op("answer", *(("Equal", "n") if endless else ("Less", "five")))),
            _function("step", "next", INT, "one", _int_op("next", "AddV2", "one")),
        ],
    )  # fmt: skip


def _matmul(name: str, a: str, b: str) -> Node:
    plain = {"T": {"type": FLOAT}, "transpose_a": {"b": False}, "transpose_b": {"b": False}}
    return node(name, "MatMul", a, b, **plain)


def _int_op(name: str, op: str, other: str) -> Node:
    return node(name, op, "n", other, T={"type": INT})


def _function(name: str, result: str, dtype: str, constant: str, body: Node) -> dict[str, Any]:
    """A function of the integer ``n`` with one constant, whose value is the model's weight of that name."""
    return {
        "signature": {
            "name": name,
            "inputArg": [{"name": "n", "type": INT}],
            "outputArg": [{"name": "result", "type": dtype}],
        },
        "nodeDef": [weight(constant, INT, []), body],
        "ret": {"result": f"{result}:z:0"},
    }


def handing_through(folder: Path) -> Path:
    """``same`` is the input itself, ``constant`` a weight itself: nothing is computed."""
    return write_model(
        folder,
        [placeholder("x", FLOAT, [2]), weight("w", FLOAT, [2])],
        {"x": port("x:0", FLOAT, [2])},
        {"same": port("x:0", FLOAT, [2]), "constant": port("w:0", FLOAT, [2])},
        {"w": np.array([7, 8], dtype=np.float32)},
    )


def echo(folder: Path) -> Path:
    """``said = words``, strings."""
    return write_model(
        folder,
        [placeholder("words", STRING, [2]), node("copy", "Identity", "words", T={"type": STRING})],
        {"words": port("words:0", STRING, [2])},
        {"said": port("copy:0", STRING, [2])},
    )


def complex_pair(folder: Path) -> Path:
    """``z = real + imaginary i``."""
    return write_model(
        folder,
        [
            placeholder("re", FLOAT, [2]),
            placeholder("im", FLOAT, [2]),
            node("pair", "Complex", "re", "im", T={"type": FLOAT}, Tout={"type": "DT_COMPLEX64"}),
        ],
        {"real": port("re:0", FLOAT, [2]), "imaginary": port("im:0", FLOAT, [2])},
        {"z": port("pair:0", "DT_COMPLEX64", [2])},
    )
