"""Models of TensorFlow 1, as it wrote them: graphs for a session, frozen, saved with tags, or as modules of TensorFlow Hub."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfjsci.graph.tensorflow import tensorflow


@dataclass
class SessionModel:
    """A graph in a session with its variables; ``inputs`` and ``outputs`` are tensors by the signature's names."""

    graph: Any
    session: Any
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]

    @property
    def output_nodes(self) -> list[str]:
        return [tensor.name.removesuffix(":0") for tensor in self.outputs.values()]


@contextmanager
def first_control_flow() -> Iterator[None]:
    """Loops and branches become nodes of the graph (Enter, Switch, Merge …), as they did in TensorFlow 1."""
    v1 = tensorflow().compat.v1
    v1.disable_control_flow_v2()
    try:
        yield
    finally:
        v1.enable_control_flow_v2()


@contextmanager
def session_graph() -> Iterator[tuple[Any, Any]]:
    """A graph to build in, and its session."""
    tf = tensorflow()
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        yield graph, session


def variable(name: str, *shape: int, resource: bool, partitions: int = 1, dtype: str = "float32") -> Any:
    """A variable with random values, the same for each name."""
    v1 = tensorflow().compat.v1
    rng = np.random.default_rng(sum(map(ord, name)))
    value = rng.normal(0.0, 0.6, shape)
    return v1.get_variable(
        name,
        shape,
        dtype,
        initializer=lambda shape, dtype=None, partition_info=None: tensorflow().constant(
            value[: shape[0]] if partition_info is None else _part(value, shape, partition_info), dtype
        ),
        use_resource=resource,
        partitioner=v1.fixed_size_partitioner(partitions) if partitions > 1 else None,
    )


def _part(value: np.ndarray, shape: Any, info: Any) -> np.ndarray:
    return value[tuple(slice(at, at + size) for at, size in zip(info.var_offset, shape, strict=True))]


@contextmanager
def two_headed(*, resource: bool = False, partitions: int = 1) -> Iterator[SessionModel]:
    """Two inputs of unlike ranks and dtypes and two switches of training; two outputs of unlike shapes.

    A convolution with its batch norm, an embedding, dense layers, and dropout that a switch turns off.
    """
    tf = tensorflow()
    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
        image = v1.placeholder(tf.float32, [None, 7, 5, 3], "image")
        words = v1.placeholder(tf.int32, [None, 4], "words")
        keep = v1.placeholder_with_default(1.0, [], "keep")
        w = variable("conv/kernel", 3, 2, 3, 8, resource=resource)
        x = tf.nn.conv2d(image, w, [1, 2, 1, 1], "SAME")
        scale, offset, mean = (variable(f"norm/{name}", 8, resource=resource) for name in ("gamma", "beta", "mean"))
        variance = tf.abs(variable("norm/variance", 8, resource=resource)) + 0.3
        x, _, _ = v1.nn.fused_batch_norm(x, scale, offset, mean, variance, is_training=False, epsilon=1e-3)
        x = v1.nn.avg_pool(tf.nn.relu(x), [1, 2, 3, 1], [1, 1, 1, 1], "VALID", name="pool")
        table = tf.convert_to_tensor(variable("table", 11, 6, resource=resource, partitions=partitions))
        meant = tf.reduce_mean(tf.gather(table, words), 1, name="meant")
        flat = tf.concat([tf.reshape(x, [-1, 3 * 3 * 8]), meant], 1) * keep
        dense = tf.matmul(flat, variable("dense/kernel", 78, 5, resource=resource))
        scores = tf.nn.softmax(dense + variable("dense/bias", 5, resource=resource), name="scores")
        heat = tf.multiply(tf.reduce_sum(x, -1), 0.25, name="heat")
        _, second = tf.split(heat, [1, 2], 1, name="parts")
        init = v1.global_variables_initializer()
    # outside of the graph's scope, where TensorFlow 2 is itself
    session = v1.Session(graph=graph)
    session.run(init)
    try:
        yield SessionModel(graph, session, {"image": image, "words": words}, {"scores": scores, "lower": second})
    finally:
        session.close()


def given(rows: int = 3, seed: int = 0) -> dict[str, Any]:
    """Values for the inputs of ``two_headed``."""
    rng = np.random.default_rng(seed)
    return {
        "image": rng.normal(size=(rows, 7, 5, 3)).astype(np.float32),
        "words": rng.integers(0, 11, (rows, 4)).astype(np.int32),
    }


def frozen(model: SessionModel) -> Any:
    """The GraphDef with its variables as Consts."""
    v1 = tensorflow().compat.v1
    nodes = [tensor.op.name for tensor in model.outputs.values()]
    return v1.graph_util.convert_variables_to_constants(model.session, model.graph.as_graph_def(), nodes)


def write_frozen(model: SessionModel, file: Path) -> Path:
    file.write_bytes(frozen(model).SerializeToString())
    return file


def signature_of(model: SessionModel) -> Any:
    return signature_of_tensors({**model.inputs, **model.outputs}, list(model.inputs), list(model.outputs))


def signature_of_tensors(tensors: Mapping[str, Any], inputs: Sequence[str], outputs: Sequence[str]) -> Any:
    """A signature whose inputs and outputs are among ``tensors``, by these names."""
    v1 = tensorflow().compat.v1
    return v1.saved_model.signature_def_utils.predict_signature_def(
        {name: tensors[name] for name in inputs}, {name: tensors[name] for name in outputs}
    )


def write_saved_model(
    model: SessionModel,
    folder: Path,
    *,
    tags: Sequence[str] = ("serve",),
    more: Sequence[Sequence[str]] = (),
    signatures: Sequence[str] = ("serving_default",),
) -> Path:
    """As TensorFlow 1's builder did; ``more`` are the tags of further graphs."""
    v1 = tensorflow().compat.v1
    builder = v1.saved_model.Builder(str(folder))
    with model.graph.as_default():
        signature = {name: signature_of(model) for name in signatures}
        builder.add_meta_graph_and_variables(model.session, list(tags), signature_def_map=signature)
        for others in more:
            builder.add_meta_graph(list(others), signature_def_map=signature)
        builder.save()
    return folder


def write_hub_module(model: SessionModel, folder: Path, *, training: bool = False) -> Path:
    """As TensorFlow Hub's first format was written: no saver in the graph, variables by their names, ``default``.

    ``training``: there is a second graph, tagged train.
    """
    tf = tensorflow()
    v1 = tf.compat.v1
    (folder / "variables").mkdir(parents=True)
    with model.graph.as_default():
        meta = v1.train.export_meta_graph(clear_devices=True)
        meta.ClearField("saver_def")
        meta.signature_def["default"].CopyFrom(signature_of(model))
        v1.train.Saver(sharded=True).save(
            model.session, str(folder / "variables" / "variables"), write_meta_graph=False, write_state=False
        )
    saved = importlib.import_module("tensorflow.core.protobuf.saved_model_pb2").SavedModel(saved_model_schema_version=1)
    saved.meta_graphs.add().CopyFrom(meta)
    if training:
        saved.meta_graphs.add().CopyFrom(meta)
        saved.meta_graphs[1].meta_info_def.tags.append("train")
    (folder / "saved_model.pb").write_bytes(saved.SerializeToString())
    (folder / "tfhub_module.pb").write_bytes(b"\x08\x03")  # ModuleDef: the format is the third
    return folder


# --- control flow as TensorFlow 1 wrote it ----------------------------------------------------------------------------


def _weight(rows: int, columns: int, seed: int) -> Any:
    """A Const that is large enough to be one of the weights."""
    value = np.random.default_rng(seed).normal(0.0, 0.5, (rows, columns)).astype(np.float32)
    return tensorflow().constant(value, name=f"weight_{seed}")


def _branches() -> Any:
    """Two results of one branch, a side that is a constant alone, one in another, and one after another of the same condition."""
    tf = tensorflow()
    v1 = tf.compat.v1
    x = v1.placeholder(tf.float32, [None, 4], "x")
    n = v1.placeholder(tf.int32, [], "n")
    w, v = _weight(4, 6, 0), _weight(4, 6, 1)

    def inner() -> Any:
        return v1.cond(n > 5, lambda: tf.tanh(x @ v), lambda: tf.nn.relu(x @ w) - 1.0)

    large = n > 2
    a, b = v1.cond(large, lambda: (inner(), x * 3.0), lambda: (x @ (w - v), x - 1.0))
    late = v1.cond(large, lambda: a + 1.0, lambda: a * tf.cast(n, "float32"))
    one = v1.cond(tf.reduce_sum(x) > 0.0, lambda: tf.constant(5.0), lambda: tf.constant(-2.0))
    return {"x": x, "n": n}, {"late": late, "b": b, "one": one * tf.reduce_mean(b, 1)}


def _loops() -> Any:
    """A loop with weights, one in it, a branch in it, and what it counts to comes in."""
    tf = tensorflow()
    v1 = tf.compat.v1
    x = v1.placeholder(tf.float32, [None, 4], "x")
    n = v1.placeholder(tf.int32, [], "n")
    w = _weight(4, 4, 2)

    def body(i: Any, y: Any, total: Any) -> Any:
        z = v1.while_loop(lambda j, _: j < i, lambda j, z: (j + 1, tf.tanh(z @ w) + 0.1), (0, y))[1]
        z = v1.cond(tf.equal(i % 2, 0), lambda: z * 1.5, lambda: z - x)
        return i + 1, z, total + tf.reduce_sum(z, 0)

    i, y, total = v1.while_loop(lambda i, *_: i < n, body, (0, x * 0.5, tf.zeros([4])))
    return {"x": x, "n": n}, {"y": y, "total": total, "turns": i}


def _arrays() -> Any:
    """What map_fn, scan and a TensorArray of one's own do: an array read, one written, one that is both."""
    tf = tensorflow()
    v1 = tf.compat.v1
    x = v1.placeholder(tf.float32, [None, 3, 5], "x")
    w = _weight(5, 2, 3)
    mapped = tf.map_fn(lambda row: tf.nn.relu(row @ w), x)
    scanned = tf.scan(lambda state, row: tf.tanh(state + row), x)
    steps = tf.TensorArray("float32", size=4, element_shape=[3, 5], clear_after_read=False)
    _, steps = v1.while_loop(
        lambda i, _: i < 4, lambda i, a: (i + 1, a.write(i, x[0] * tf.cast(i, "float32"))), (0, steps)
    )
    return {"x": x}, {"mapped": mapped, "scanned": scanned, "steps": steps.stack(), "third": steps.read(2)}


def _training() -> Any:
    """A switch of training that nobody sets: batch norm's branch and dropout's."""
    tf = tensorflow()
    v1 = tf.compat.v1
    x = v1.placeholder(tf.float32, [None, 6], "x")
    training = v1.placeholder_with_default(False, [], "training")
    mean, scale = tf.constant(np.linspace(-1, 1, 6), "float32"), tf.constant(np.linspace(0.5, 2, 6), "float32")
    used = v1.cond(training, lambda: tf.reduce_mean(x, 0), lambda: mean)
    y = v1.cond(training, lambda: tf.nn.dropout((x - used) * scale, 0.5), lambda: (x - used) * scale)
    return {"x": x}, {"y": y}


FIRST_CONTROL_FLOW = {"branches": _branches, "loops": _loops, "arrays": _arrays, "training": _training}

CONTROL_FLOW_SAMPLES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "branches": [{"x": sign * np.ones((2, 4), np.float32), "n": np.int32(n)} for sign, n in ((1, 1), (-1, 4), (1, 9))],
    "loops": [{"x": np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4), "n": np.int32(n)} for n in (0, 1, 4)],
    "arrays": [{"x": np.linspace(-1, 2, 15 * n, dtype=np.float32).reshape(n, 3, 5)} for n in (2, 4)],
    "training": [{"x": np.linspace(-1, 2, 12, dtype=np.float32).reshape(2, 6)}],
}


@contextmanager
def first_control_flow_model(name: str) -> Iterator[SessionModel]:
    """One of ``FIRST_CONTROL_FLOW``; each of its outputs is a node of its own, called as in the signature."""
    tf = tensorflow()
    with first_control_flow(), tf.Graph().as_default() as graph:
        inputs, outputs = FIRST_CONTROL_FLOW[name]()
        outputs = {key: tf.identity(value, name=key) for key, value in outputs.items()}
    session = tf.compat.v1.Session(graph=graph)
    try:
        yield SessionModel(graph, session, inputs, outputs)
    finally:
        session.close()
