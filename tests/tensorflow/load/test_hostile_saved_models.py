"""SavedModels that would touch files, processes or Python are refused before anything of them runs; all others aren't."""

from __future__ import annotations

import importlib
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjsci.errors import CodeRefused, ConversionFailed, CorruptModel, UnknownSignature
from tfjsci.load.danger import dangerous_ops, refuse_dangerous_ops
from tfjsci.load.dangerous_ops import READS_CHECKPOINT, WHY, WRITES_CHECKPOINT
from tfjsci.load.load import load
from tfjsci.load.named_folder import named

tf: Any = None  # set by conftest.py when the first test runs


def save(folder: Path, function: Any, *, kept: Any = ()) -> Path:
    module = tf.Module()
    module.kept = list(kept)
    module.run = tf.function(function, input_signature=[tf.TensorSpec((None, 2), name="x")], autograph=False)
    tf.saved_model.save(module, str(folder), signatures=module.run)
    return folder


def parsed(folder: Path) -> Any:
    pb2 = importlib.import_module("tensorflow.core.protobuf.saved_model_pb2")
    return pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())


def write(folder: Path, model: Any) -> Path:
    (folder / "saved_model.pb").write_bytes(model.SerializeToString())
    return folder


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    v = tf.Variable(np.ones((2, 3), np.float32), name="v")
    return save(tmp_path / "plain", lambda x: {"y": x @ v}, kept=[v])


# --- what is refused -------------------------------------------------------------------------------------------------


def reads(path: str) -> Callable[[Any], Any]:
    return lambda x: {"y": x + tf.cast(tf.strings.length(tf.io.read_file(path)), "float32")}


def writes(path: str) -> Callable[[Any], Any]:
    def run(x: Any) -> Any:
        with tf.control_dependencies([tf.io.write_file(path, "was here")]):
            return {"y": x + 1.0}

    return run


def calls_python(path: str) -> Callable[[Any], Any]:
    def payload(x: Any) -> Any:
        Path(path).touch()
        return x

    def run(x: Any) -> Any:
        y = tf.numpy_function(payload, [x], tf.float32)
        return {"y": tf.ensure_shape(y, (None, 2))}

    return run


def prints_to_a_file(path: str) -> Callable[[Any], Any]:
    def run(x: Any) -> Any:
        with tf.control_dependencies([tf.raw_ops.PrintV2(input="x", output_stream=f"file://{path}")]):
            return {"y": x + 1.0}

    return run


@pytest.mark.parametrize(
    ("make", "op"),
    [(reads, "ReadFile"), (writes, "WriteFile"), (calls_python, "PyFunc"), (prints_to_a_file, "PrintV2")],
)
@pytest.mark.parametrize("nested", [0, pytest.param(1, marks=pytest.mark.oldest), 3])
def test_in_the_signature_and_in_functions_below_it(tmp_path: Path, make: Any, op: str, nested: int) -> None:
    canary = tmp_path / "canary"
    run = make(str(canary))
    for _ in range(nested):
        run = tf.function(run, autograph=False)
    folder = save(tmp_path / "m", lambda x: run(x))
    canary.unlink(missing_ok=True)
    with pytest.raises(CodeRefused, match=f"m was not loaded.*{op}") as refused:
        load(folder)
    assert refused.value.hint
    assert not canary.exists()


def test_in_the_branch_that_is_not_taken_and_in_a_loop(tmp_path: Path) -> None:
    canary = tmp_path / "canary"

    def branch(x: Any) -> Any:
        return {"y": tf.cond(tf.constant(False), lambda: writes(str(canary))(x)["y"], lambda: x)}

    def loop(x: Any) -> Any:
        return {"y": tf.while_loop(lambda i, y: i < 1, lambda i, y: (i + 1, writes(str(canary))(y)["y"]), (0, x))[1]}

    for name, run in (("branch", branch), ("loop", loop)):
        with pytest.raises(CodeRefused, match="WriteFile"):
            load(save(tmp_path / name, run))
    assert not canary.exists()


def test_in_a_function_that_no_signature_reaches(tmp_path: Path) -> None:
    module = tf.Module()
    spec = [tf.TensorSpec((None, 2), name="x")]
    module.run = tf.function(lambda x: {"y": x + 1.0}, input_signature=spec)
    module.other = tf.function(writes(str(tmp_path / "canary")), input_signature=spec, autograph=False)
    tf.saved_model.save(module, str(tmp_path / "m"), signatures=module.run)
    with pytest.raises(CodeRefused, match="WriteFile"):
        load(tmp_path / "m")
    assert not (tmp_path / "canary").exists()


def test_in_the_main_graph_and_in_what_runs_at_loading(plain: Path, tmp_path: Path) -> None:
    for op in ("WriteFile", "ReadFile", "EagerPyFunc", "DatasetFromGraph"):
        model = parsed(plain)
        model.meta_graphs[0].graph_def.node.add(name="evil", op=op)
        model.meta_graphs[0].signature_def["__saved_model_init_op"].outputs["x"].name = "evil"
        with pytest.raises(CodeRefused, match=f"{op}.*evil"):
            load(write(plain, model))
        model.meta_graphs[0].graph_def.node[-1].op = "NoOp"
        write(plain, model)


def saver_function(model: Any) -> str:
    names = [
        f.signature.name for f in model.meta_graphs[0].graph_def.library.function if "traced_save" in f.signature.name
    ]
    assert len(names) == 1
    return str(names[0])


def test_the_savers_own_ops_are_fine_where_it_keeps_them(plain: Path) -> None:
    used = {node.op for f in parsed(plain).meta_graphs[0].graph_def.library.function for node in f.node_def}
    assert {"SaveV2", "MergeV2Checkpoints", "RestoreV2"} <= used
    assert load(plain).signature == "serving_default"


def test_a_signature_that_calls_the_saver(plain: Path) -> None:
    model = parsed(plain)
    graph = model.meta_graphs[0].graph_def
    call = next(node for node in graph.node if node.name == "StatefulPartitionedCall")
    evil = graph.node.add(name="evil", op="StatefulPartitionedCall", input=list(call.input))
    evil.attr["f"].func.name = saver_function(model)
    call.input.append("^evil")
    with pytest.raises(CodeRefused, match="SaveV2"):
        load(write(plain, model))


def test_a_function_of_the_signature_that_calls_the_saver(plain: Path) -> None:
    model = parsed(plain)
    graph = model.meta_graphs[0].graph_def
    wrapper = next(f for f in graph.library.function if "signature_wrapper" in f.signature.name)
    wrapper.node_def.add(name="evil", op="PartitionedCall").attr["f"].func.name = saver_function(model)
    with pytest.raises(CodeRefused, match="MergeV2Checkpoints"):
        load(write(plain, model))


def test_a_restore_that_saves(plain: Path) -> None:
    model = parsed(plain)
    saver = model.meta_graphs[0].saver_def
    saver.restore_op_name = saver.save_tensor_name.partition(":")[0]
    with pytest.raises(CodeRefused, match="SaveV2"):
        load(write(plain, model))


@pytest.mark.parametrize("op", sorted({*WRITES_CHECKPOINT, *READS_CHECKPOINT}))
def test_checkpoint_ops_outside_of_the_saver(plain: Path, op: str) -> None:
    model = parsed(plain)
    model.meta_graphs[0].graph_def.node.add(name="evil", op=op)
    with pytest.raises(CodeRefused, match=f"{op} .*evil"):
        refuse_dangerous_ops(named(write(plain, model)))


def test_a_second_graph_in_the_file(plain: Path) -> None:
    model = parsed(plain)
    other = model.meta_graphs.add()
    other.meta_info_def.tags.append("train")
    other.graph_def.node.add(name="evil", op="WriteFile")
    assert ("WriteFile", "writes files") in dangerous_ops(model)


def test_a_call_by_the_functions_own_name(plain: Path) -> None:
    model = parsed(plain)
    graph = model.meta_graphs[0].graph_def
    wrapper = next(f for f in graph.library.function if "signature_wrapper" in f.signature.name)
    wrapper.node_def.add(name="evil", op=saver_function(model))
    with pytest.raises(CodeRefused, match="SaveV2"):
        load(write(plain, model))


# --- the table -------------------------------------------------------------------------------------------------------

TAKES = re.compile(
    r"file|path$|^path|url|address|descriptor_source|data_source|dir$|directory|graph_def|mlir|module|debug_ops|program$|driver",
    re.I,
)
"""Arguments and attributes that name a place or hold a program."""

HARMLESS = {
    "ShardedFilename": "makes a string",
    "ShardedFilespec": "makes a string",
    "TensorSliceDataset": "is_files is a hint to the optimiser",
    "CudnnRNN": "direction", "CudnnRNNV2": "direction", "CudnnRNNV3": "direction", "CudnnRNNBackprop": "direction",
    "CudnnRNNBackpropV2": "direction", "CudnnRNNBackpropV3": "direction", "CudnnRNNParamsSize": "direction",
    "XlaCallModule": "StableHLO computes; it can't be converted, and the op check says so",
    "CTCBeamSearchDecoder": "top_paths is a number",
}  # fmt: skip


def test_every_op_of_this_tensorflow_that_takes_a_place_or_a_program_is_in_the_table() -> None:
    wrapper = importlib.import_module("tensorflow.python.client.pywrap_tf_session")
    op_def_pb2 = importlib.import_module("tensorflow.core.framework.op_def_pb2")
    listed = op_def_pb2.OpList.FromString(wrapper.TF_GetBuffer(wrapper.TF_GetAllOpList()))
    assert len(listed.op) > 1000
    known = {*WHY, *WRITES_CHECKPOINT, *READS_CHECKPOINT, *HARMLESS}
    forgotten = {
        op.name: [part.name for part in (*op.input_arg, *op.attr) if TAKES.search(part.name)]
        for op in listed.op
        if op.name not in known and any(TAKES.search(part.name) for part in (*op.input_arg, *op.attr))
    }
    assert not forgotten


# --- damage ----------------------------------------------------------------------------------------------------------


def test_bits_that_flipped(plain: Path) -> None:
    """Whatever is damaged: the model loads, or the refusal has a hint; never another error, never a crash."""
    dice = random.Random(11)
    refused = []
    for name in ("saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"):
        file = plain / name
        whole = file.read_bytes()
        for _ in range(40):
            damaged = bytearray(whole)
            for _ in range(2):
                damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
            file.write_bytes(damaged)
            try:
                load(plain)
            except (CorruptModel, CodeRefused, ConversionFailed, UnknownSignature) as error:
                refused.append(error)
        file.write_bytes(whole)
    assert len(refused) > 20
    assert all(error.hint for error in refused)
    assert load(plain).inputs


def test_a_graph_cut_short_anywhere(plain: Path) -> None:
    file = plain / "saved_model.pb"
    whole = file.read_bytes()
    for tenth in range(10):
        file.write_bytes(whole[: len(whole) * tenth // 10])
        with pytest.raises((CorruptModel, ConversionFailed, UnknownSignature)):
            load(plain)


def test_a_signature_that_names_what_is_not_there(plain: Path) -> None:
    for side in ("inputs", "outputs"):
        model = parsed(plain)
        entries = getattr(model.meta_graphs[0].signature_def["serving_default"], side)
        next(iter(entries.values())).name = "nowhere:0"
        with pytest.raises((CorruptModel, ConversionFailed)) as refused:
            load(write(plain, model))
        assert "nowhere" in str(refused.value)
        write(plain, model)
