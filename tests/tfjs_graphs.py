"""Graph models as upstream's converter writes them, by hand: functions, fused ops, tables and dtypes in its spelling."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tfjsci.graph.graph import Array

TYPES = {"float32": "DT_FLOAT", "int32": "DT_INT32", "int64": "DT_INT64", "bool": "DT_BOOL", "string": "DT_STRING"}


def text(*words: str) -> dict[str, Any]:
    encoded = [base64.b64encode(word.encode()).decode() for word in words]
    return {"s": encoded[0]} if len(encoded) == 1 else {"list": {"s": encoded}}


def ints(*numbers: int) -> dict[str, Any]:
    return {"list": {"i": [str(number) for number in numbers]}}


def dtype(name: str) -> dict[str, Any]:
    return {"type": TYPES[name]}


def shape(*sizes: int) -> dict[str, Any]:
    """protobuf leaves out what is 0, and of a scalar everything."""
    return {"dim": [{"size": str(size)} if size else {} for size in sizes]} if sizes else {}


def node(name: str, op: str, *inputs: str, **attrs: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "op": op}
    if inputs:
        made["input"] = list(inputs)
    return {**made, "attr": attrs}


def placeholder(name: str, *sizes: int, of: str = "float32") -> dict[str, Any]:
    return node(name, "Placeholder", dtype=dtype(of), shape={"shape": shape(*sizes)})


def const(name: str, value: Array, of: str | None = None) -> dict[str, Any]:
    """``of`` is what the graph says, where the weight is stored as something else."""
    kind = of or ("string" if value.dtype.kind in "OSU" else value.dtype.name)
    return node(
        name, "Const", dtype=dtype(kind), value={"tensor": {"dtype": TYPES[kind], "tensorShape": shape(*value.shape)}}
    )


def entry(tensor: str, *sizes: int, of: str = "float32", **more: Any) -> dict[str, Any]:
    return {"name": tensor, "dtype": TYPES[of], "tensorShape": shape(*sizes), **more}


def written(
    folder: Path,
    nodes: list[dict[str, Any]],
    weights: Mapping[str, Array],
    *,
    signature: Mapping[str, Any] | None = None,
    functions: list[dict[str, Any]] | None = None,
    shards: int = 1,
    **more: Any,
) -> Path:
    """The folder; the weights are cut into ``shards`` wherever it falls."""
    folder.mkdir(parents=True, exist_ok=True)
    entries, data = [], b""
    for name, value in weights.items():
        if value.dtype.kind == "O":
            entries.append({"name": name, "shape": list(value.shape), "dtype": "string"})
            data += b"".join(len(item).to_bytes(4, "little") + item for item in value.reshape(-1))
        else:
            entries.append({"name": name, "shape": list(value.shape), "dtype": value.dtype.name})
            data += np.ascontiguousarray(value).tobytes()
    size = -(-len(data) // shards) or 1
    paths = [f"group1-shard{i + 1}of{shards}.bin" for i in range(shards)]
    for i, path in enumerate(paths):
        (folder / path).write_bytes(data[i * size : (i + 1) * size])
    document = {
        "format": "graph-model",
        "generatedBy": "2.19.0",
        "convertedBy": "TensorFlow.js Converter v4.22.0",
        **({"signature": signature} if signature is not None else {}),
        "modelTopology": {
            "node": nodes,
            "library": {"function": functions} if functions else {},
            "versions": {"producer": 1882},
        },
        "weightsManifest": [{"paths": paths, "weights": entries}],
        **more,
    }
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def fused(folder: Path, **more: Any) -> tuple[Path, dict[str, Array]]:
    """Convolution, depthwise convolution and product, each fused another way, and a slope of its own; one output of two.

    Two inputs of unequal size; the axis of a Mean is int64 in the graph and int32 in the file.
    """
    draw = np.random.default_rng(3)
    weights = {
        "conv/kernel": draw.normal(size=(3, 2, 2, 4)).astype(np.float32),
        "conv/bias": draw.normal(size=4).astype(np.float32),
        "conv/alpha": draw.uniform(0.1, 0.5, size=4).astype(np.float32),
        "dw/kernel": draw.normal(size=(2, 2, 4, 2)).astype(np.float32),
        "dw/bias": draw.normal(size=8).astype(np.float32),
        "axes": np.array([1, 2], np.int32),
        "dense/kernel": draw.normal(size=(8, 3)).astype(np.float32),
        "dense/bias": draw.normal(size=3).astype(np.float32),
        "slope": draw.uniform(0.1, 0.5, size=3).astype(np.float32),
    }
    space = {
        "T": dtype("float32"),
        "strides": ints(1, 2, 1, 1),
        "data_format": text("NHWC"),
        "dilations": ints(1, 1, 1, 1),
    }
    nodes = [
        placeholder("image", -1, 7, 5, 2),
        placeholder("row", -1, 3),
        *(const(name, value, "int64" if name == "axes" else None) for name, value in weights.items()),
        node("conv", "_FusedConv2D", "image", "conv/kernel", "conv/bias", "conv/alpha", **space, padding=text("SAME"),
             fused_ops=text("BiasAdd", "Prelu"), num_args={"i": "2"}, epsilon={"f": 0.0}, explicit_paddings={"list": {}}),
        node("dw", "FusedDepthwiseConv2dNative", "conv", "dw/kernel", "dw/bias", **{**space, "strides": ints(1, 1, 1, 1)},
             padding=text("VALID"), fused_ops=text("BiasAdd", "Relu6"), num_args={"i": "1"}),
        node("mean", "Mean", "dw", "axes", T=dtype("float32"), Tidx=dtype("int64"), keep_dims={"b": False}),
        node("dense", "_FusedMatMul", "mean", "dense/kernel", "dense/bias", T=dtype("float32"), transpose_a={"b": False},
             transpose_b={"b": False}, fused_ops=text("BiasAdd", "LeakyRelu"), num_args={"i": "1"},
             leakyrelu_alpha={"f": 0.30000001192092896}),
        node("Identity", "Add", "dense", "row", T=dtype("float32")),
        node("Identity_1", "Prelu", "row", "slope", T=dtype("float32")),
    ]  # fmt: skip
    signature = {
        "inputs": {"row": entry("row:0", -1, 3), "image": entry("image:0", -1, 7, 5, 2)},
        "outputs": {"sum": entry("Identity:0", -1, 3), "sloped": entry("Identity_1:0", -1, 3)},
    }
    return written(folder, nodes, weights, **{"signature": signature, "shards": 3, **more}), weights


def fused_by_hand(weights: Mapping[str, Array], image: Array, row: Array) -> dict[str, Array]:
    """What the fused ops compute, in numpy."""
    conv = _conv(np.pad(image, ((0, 0), (1, 1), (0, 1), (0, 0))), weights["conv/kernel"], (2, 1)) + weights["conv/bias"]
    conv = np.where(conv > 0, conv, conv * weights["conv/alpha"])
    kernel = weights["dw/kernel"]
    each = [_conv(conv[..., i : i + 1], kernel[:, :, i : i + 1, :], (1, 1)) for i in range(kernel.shape[2])]
    dw = np.clip(np.concatenate(each, axis=-1) + weights["dw/bias"], 0, 6)
    dense = dw.mean(axis=(1, 2)) @ weights["dense/kernel"] + weights["dense/bias"]
    dense = np.where(dense > 0, dense, 0.3 * dense)
    return {"sum": dense + row, "sloped": np.where(row > 0, row, row * weights["slope"])}


def _conv(x: Array, kernel: Array, strides: tuple[int, int]) -> Any:
    height, width = kernel.shape[:2]
    rows = range(0, x.shape[1] - height + 1, strides[0])
    columns = range(0, x.shape[2] - width + 1, strides[1])
    out = np.zeros((x.shape[0], len(rows), len(columns), kernel.shape[3]))
    for i, r in enumerate(rows):
        for j, c in enumerate(columns):
            out[:, i, j] = np.tensordot(x[:, r : r + height, c : c + width], kernel, axes=3)
    return out


def looping(folder: Path) -> Path:
    """A While of upstream's (control flow v2): ``i`` counts to 3 while ``x`` is doubled and raised; weights in the body."""
    weights = {
        "zero": np.array(0, np.int32),
        "cond_1/limit": np.array(3, np.int32),
        "__body_2/one": np.array(1, np.int32),
        "__body_2/two": np.array(2, np.float32),
        "__body_2/offset": np.array([1.5, -0.5, 0.25], np.float32),
    }
    number, real = {"type": "DT_INT32"}, {"type": "DT_FLOAT"}
    arguments = [{"name": "i", **number}, {"name": "x", **real}]
    condition = {
        "signature": {"name": "cond_1", "inputArg": arguments, "outputArg": [{"name": "less", "type": "DT_BOOL"}]},
        "nodeDef": [
            const("cond_1/limit", weights["cond_1/limit"]),
            node("Less", "Less", "i", "cond_1/limit:output:0", T=number),
        ],
        "ret": {"less": "Less:z:0"},
    }
    body = {
        "signature": {
            "name": "body_2",
            "inputArg": arguments,
            "outputArg": [{"name": "next", **number}, {"name": "y", **real}],
        },
        "nodeDef": [
            *(const(name, weights[name]) for name in ("__body_2/one", "__body_2/two", "__body_2/offset")),
            node("next_i", "AddV2", "i", "__body_2/one:output:0", T=number),
            node("doubled", "Mul", "x", "__body_2/two:output:0", T=real),
            node("raised", "AddV2", "doubled:z:0", "__body_2/offset:output:0", T=real),
        ],
        "ret": {"next": "next_i:z:0", "y": "raised:z:0"},
    }
    nodes = [
        placeholder("x", -1, 3),
        const("zero", weights["zero"]),
        node("while", "StatelessWhile", "zero", "x", T={"list": {"type": ["DT_INT32", "DT_FLOAT"]}},
             cond={"func": {"name": "cond_1"}}, body={"func": {"name": "body_2"}}, parallel_iterations={"i": "10"},
             output_shapes={"list": {"shape": [{}, shape(-1, 3)]}}),
        node("Identity", "Identity", "while:1", T=real),
    ]  # fmt: skip
    signature = {"inputs": {"x": entry("x:0", -1, 3)}, "outputs": {"y": entry("Identity:0", -1, 3)}}
    return written(folder, nodes, weights, signature=signature, functions=[condition, body])


def looked_up(folder: Path) -> Path:
    """A table of upstream's: the initializer makes and fills it, the main graph has it as a Placeholder of the same number."""
    weights = {
        "missing": np.array(-1.0, np.float32),
        "keys": np.array([b"red", b"green", b"blue"], object),
        "values": np.array([0.5, 1.5, 2.5], np.float32),
    }
    typed = {"key_dtype": dtype("string"), "value_dtype": dtype("float32")}
    kinds = {"Tin": dtype("string"), "Tout": dtype("float32")}
    nodes = [
        placeholder("words", -1, of="string"),
        node("table", "Placeholder", dtype={"type": "DT_RESOURCE"}, shape={"shape": {}}),
        const("missing", weights["missing"]),
        node("found", "LookupTableFindV2", "table", "words", "missing", **kinds),
        node("Identity", "Identity", "found", T=dtype("float32")),
    ]
    initializer = {
        "node": [
            node("hash_table", "HashTableV2", **typed),
            const("keys", weights["keys"]),
            const("values", weights["values"]),
            node("fill", "LookupTableImportV2", "hash_table", "keys", "values", **kinds),
            node("ready", "Identity", "hash_table", "^fill", T={"type": "DT_RESOURCE"}),
        ],
        "versions": {"producer": 1882},
    }
    table = {"dtype": "DT_RESOURCE", "tensorShape": {}, "resourceId": 46}
    signature = {
        "inputs": {"words": entry("words:0", -1, of="string"), "unknown": {"name": "table:0", **table}},
        "outputs": {"numbers": entry("Identity:0", -1)},
    }
    return written(
        folder,
        nodes,
        weights,
        signature=signature,
        modelInitializer=initializer,
        initializerSignature={"outputs": {"ready": {"name": "ready:0", **table}}},
    )


def looping_in_pieces(folder: Path) -> Path:
    """The loop of :func:`looping` as upstream writes it by default, control flow v1; and a branch on a scalar, halved or negated.

    As from upstream: a weight enters the loop as a constant of its frame.
    """
    number, real = {"type": "DT_INT32"}, {"type": "DT_FLOAT"}
    weights = {
        "zero": np.array(0, np.int32),
        "limit": np.array(3, np.int32),
        "one": np.array(1, np.int32),
        "two": np.array(2, np.float32),
        "offset": np.array([1.5, -0.5, 0.25], np.float32),
    }

    def enter(name: str, tensor: str, of: dict[str, str], *, constant: bool = False) -> dict[str, Any]:
        frame = {"frame_name": text("frame"), "is_constant": {"b": constant}, "parallel_iterations": {"i": "10"}}
        return node(name, "Enter", tensor, T=of, **frame)

    nodes = [
        placeholder("x", -1, 3),
        placeholder("up", of="bool"),
        *(const(name, value) for name, value in weights.items()),
        enter("enter_i", "zero", number),
        enter("enter_x", "x", real),
        enter("enter_limit", "limit", number, constant=True),
        enter("enter_one", "one", number, constant=True),
        enter("enter_two", "two", real, constant=True),
        enter("enter_offset", "offset", real, constant=True),
        node("merge_i", "Merge", "enter_i", "next_i", T=number, N={"i": "2"}),
        node("merge_x", "Merge", "enter_x", "next_x", T=real, N={"i": "2"}),
        node("less", "Less", "merge_i", "enter_limit", T=number),
        node("cond", "LoopCond", "less"),
        node("switch_i", "Switch", "merge_i", "cond", T=number),
        node("switch_x", "Switch", "merge_x", "cond", T=real),
        node("add_i", "AddV2", "switch_i:1", "enter_one", T=number),
        node("doubled", "Mul", "switch_x:1", "enter_two", T=real),
        node("raised", "AddV2", "doubled", "enter_offset", T=real),
        node("next_i", "NextIteration", "add_i", T=number),
        node("next_x", "NextIteration", "raised", T=real),
        node("exit_x", "Exit", "switch_x", T=real),
        node("either", "Switch", "exit_x", "up", T=real),
        node("halved", "Div", "either:1", "two_up:1", T=real),
        node("two_up", "Switch", "two", "up", T=real),
        node("negated", "Neg", "either", T=real),
        node("Identity", "Merge", "negated", "halved", T=real, N={"i": "2"}),
    ]
    signature = {
        "inputs": {"x": entry("x:0", -1, 3), "up": entry("up:0", of="bool")},
        "outputs": {"y": entry("Identity:0", -1, 3)},
    }
    return written(folder, nodes, weights, signature=signature)
