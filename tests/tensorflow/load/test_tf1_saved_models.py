"""SavedModels of TensorFlow 1: variables of both kinds from their checkpoint, graphs by their tags, initialisers not run."""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hub_server import packed
from lowered_graph import agree
from session_models import (
    SessionModel,
    given,
    session_graph,
    signature_of,
    two_headed,
    variable,
    write_hub_module,
    write_saved_model,
)

from tfjsci.converter import Converted, convert
from tfjsci.errors import CodeRefused, ConversionFailed, CorruptModel, UnknownFormat, UnknownSignature, UsageError
from tfjsci.load.load import LoadOptions

tf: Any = None  # set by conftest.py when the first test runs


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with two_headed() as model:
        return write_saved_model(
            model, tmp_path_factory.mktemp("saved") / "m", more=[["train"], ["serve", "gpu"]], signatures=["a", "b"]
        )


def converted(source: Path, **options: Any) -> Converted:
    format_ = options.pop("format_", "auto")
    return convert(source, backends=["cpu"], format=format_, options=LoadOptions(**options))


def names(specs: Any) -> list[str]:
    return [spec.name for spec in specs]


@pytest.mark.oldest
@pytest.mark.parametrize(("resource", "partitions"), [(False, 1), (True, 1), (False, 3)])
def test_variables_of_each_kind(tmp_path: Path, resource: bool, partitions: int) -> None:
    with two_headed(resource=resource, partitions=partitions) as model:
        ops = {node.op for node in model.graph.as_graph_def().node}
        assert ("VariableV2" in ops) is not resource
        folder = write_saved_model(model, tmp_path / "m")
        wanted = model.session.run(model.outputs, {model.inputs[k]: v for k, v in given().items()})
    ours = converted(folder)
    assert (names(ours.inputs), names(ours.outputs)) == (["image", "words"], ["lower", "scores"])
    assert (ours.loaded.format, ours.loaded.signature) == ("saved_model", "serving_default")
    original = agree(ours, given())
    for name, value in wanted.items():
        np.testing.assert_allclose(original[name], value, rtol=1e-6, err_msg=name)
    sources = {source for constant in ours.graph.constants.values() for source in constant.sources}
    table = {f"table/part_{i}" for i in range(partitions)} if partitions > 1 else {"table"}
    assert sources >= {"conv/kernel", "dense/kernel", "norm/gamma"} | table


def test_signatures_and_tags(folder: Path) -> None:
    with pytest.raises(UnknownSignature, match="several signatures"):
        converted(folder)
    assert converted(folder, signature="b").loaded.signature == "b"
    for tags in (("serve",), ("train",), ("gpu", "serve")):
        agree(converted(folder, signature="a", tags=tags), given())
    with pytest.raises(
        UnknownSignature, match=r"no graph of the tags gpu \(tags: serve; train; serve, gpu\)"
    ) as refused:
        converted(folder, signature="a", tags=("gpu",))
    assert "all tags" in str(refused.value.hint)
    with pytest.raises(UnknownSignature, match="no graph of the tags none"):
        converted(folder, signature="a", tags=())


def test_graphs_of_which_none_is_for_serving(tmp_path: Path) -> None:
    with session_graph() as (graph, session):
        x = tf.compat.v1.placeholder(tf.float32, [2], "x")
        model = SessionModel(graph, session, {"x": x}, {"y": x * 2.0})
        folder = write_saved_model(model, tmp_path / "m", tags=["train"], more=[["eval"]])
        alone = write_saved_model(model, tmp_path / "alone", tags=["train"])
    with pytest.raises(UnknownSignature, match=r"no graph that is tagged serve \(tags: train; eval\)") as refused:
        converted(folder)
    assert "--tags" in str(refused.value.hint)
    agree(converted(folder, tags=("eval",)), {"x": np.array([1.0, 2.0], np.float32)})
    agree(converted(alone), {"x": np.array([1.0, 2.0], np.float32)})


@pytest.mark.parametrize("collection", ["legacy_init_op", "saved_model_main_op"])
def test_initialisers_are_run_for_the_original_alone(tmp_path: Path, collection: str) -> None:
    """One that writes to a file is refused, whatever it is called; one that only assigns isn't needed."""
    v1 = tf.compat.v1
    canary = tmp_path / "canary"
    for name, bad in (("good", False), ("bad", True)):
        with session_graph() as (graph, session):
            x = v1.placeholder(tf.float32, [2], "x")
            v = variable("v", 2, resource=True)
            writes = tf.io.write_file(str(canary), "was here") if bad else tf.no_op()
            with tf.control_dependencies([writes]):
                init = tf.group(tf.constant(1.0), name="init")
            session.run(v1.global_variables_initializer())
            model = SessionModel(graph, session, {"x": x}, {"y": x * v})
            builder = v1.saved_model.Builder(str(tmp_path / name))
            builder.add_meta_graph_and_variables(
                session,
                ["serve"],
                signature_def_map={"serving_default": signature_of(model)},
                **({"main_op": init} if collection == "saved_model_main_op" else {"legacy_init_op": init}),
            )
            builder.save()
    agree(converted(tmp_path / "good"), {"x": np.array([1.0, 2.0], np.float32)})
    with pytest.raises(CodeRefused, match="WriteFile"):
        converted(tmp_path / "bad")
    assert not canary.exists()


def test_what_is_left_of_training_does_no_harm_and_isnt_run(tmp_path: Path) -> None:
    """Savers and readers that no signature needs; near miss: one that a signature needs."""
    v1 = tf.compat.v1
    for name, needed in (("left", False), ("needed", True)):
        with session_graph() as (graph, session):
            x = v1.placeholder(tf.float32, [2], "x")
            v = variable("v", 2, resource=False)
            v1.train.Saver(name="another")
            read = tf.strings.length(tf.io.read_file("/etc/hostname"))
            y = x * v + (tf.cast(read, "float32") if needed else 0.0)
            session.run(v1.global_variables_initializer())
            write_saved_model(SessionModel(graph, session, {"x": x}, {"y": y}), tmp_path / name)
    agree(converted(tmp_path / "left"), {"x": np.array([1.0, 2.0], np.float32)})
    with pytest.raises(CodeRefused, match="ReadFile"):
        converted(tmp_path / "needed")


def test_a_variable_that_is_written(tmp_path: Path) -> None:
    """One that an output reads is state; one that only is written, or that an initialiser writes, isn't."""
    v1 = tf.compat.v1
    for resource in (False, True):
        for name, of_output in (("counted", True), ("aside", False)):
            with session_graph() as (graph, session):
                x = v1.placeholder(tf.float32, [2], "x")
                v, n = variable("v", 2, resource=resource), variable("n", 2, resource=resource)
                with tf.control_dependencies([v1.assign_add(n, x)]):
                    y = tf.identity(x * v + (n if of_output else 0.0), "y")
                session.run(v1.global_variables_initializer())
                write_saved_model(SessionModel(graph, session, {"x": x}, {"y": y}), tmp_path / f"{name}{resource}")
        agree(converted(tmp_path / f"aside{resource}"), {"x": np.array([1.0, 2.0], np.float32)})
        with pytest.raises(ConversionFailed, match=r"keeps state between its calls: .* changes n\n"):
            converted(tmp_path / f"counted{resource}")
    for format_ in ("saved_model", "hub"):  # never in silence, be there state or not
        with pytest.raises(UsageError, match=r"state of aside.*, a graph of TensorFlow 1, can't become"):
            converted(tmp_path / f"aside{resource}", format_=format_, state_as_io=True)


def test_placeholders_with_defaults(tmp_path: Path) -> None:
    """One in the signature is an input; another keeps its default."""
    v1 = tf.compat.v1
    with session_graph() as (graph, session):
        x = v1.placeholder_with_default(np.ones((1, 3), np.float32), [None, 3], "x")
        keep = v1.placeholder_with_default(np.float32(2.0), [], "keep")
        model = SessionModel(graph, session, {"x": x}, {"y": x * keep * [1.0, 2.0, 3.0]})
        folder = write_saved_model(model, tmp_path / "m")
    ours = converted(folder)
    assert ours.inputs[0].shape == (None, 3)
    agree(ours, {"x": np.arange(6, dtype=np.float32).reshape(2, 3)})


def test_an_input_of_unknown_rank_is_told_by_its_shape(tmp_path: Path) -> None:
    v1 = tf.compat.v1
    with session_graph() as (graph, session):
        x = v1.placeholder(tf.float32, None, "x")
        folder = write_saved_model(SessionModel(graph, session, {"x": x}, {"y": tf.reduce_sum(x, 1)}), tmp_path / "m")
    with pytest.raises(ConversionFailed, match="how many dimensions its input x has"):
        converted(folder)
    agree(converted(folder, input_shapes={"x": (None, 3)}), {"x": np.arange(6, dtype=np.float32).reshape(2, 3)})


def test_a_sparse_input_is_named(tmp_path: Path) -> None:
    v1 = tf.compat.v1
    with session_graph() as (graph, session):
        x = v1.sparse_placeholder(tf.float32, [3, 4], "x")
        model = SessionModel(graph, session, {"x": x}, {"y": tf.sparse.to_dense(x)})
        folder = write_saved_model(model, tmp_path / "m")
    with pytest.raises(ConversionFailed, match="input x of m isn't one tensor"):
        converted(folder)


def test_devices_and_neighbours_of_the_machine_that_wrote_it(tmp_path: Path) -> None:
    v1 = tf.compat.v1
    with session_graph() as (graph, session):
        x = v1.placeholder(tf.float32, [2], "x")
        with tf.device("/device:GPU:3"):
            v = variable("v", 2, resource=False)
            with graph.colocate_with(v.op):
                y = x * v
        session_folder = SessionModel(graph, session, {"x": x}, {"y": y})
        with v1.Session(graph=graph, config=v1.ConfigProto(allow_soft_placement=True)) as placed:
            placed.run(v1.global_variables_initializer())
            session_folder.session = placed
            folder = write_saved_model(session_folder, tmp_path / "m")
    agree(converted(folder), {"x": np.array([1.0, 2.0], np.float32)})


def test_without_its_checkpoint(tmp_path: Path) -> None:
    with two_headed() as model:
        folder = write_saved_model(model, tmp_path / "m")
    index = folder / "variables" / "variables.index"
    index.write_bytes(index.read_bytes()[:50])
    with pytest.raises(CorruptModel, match="variables of the SavedModel m can't be read"):
        converted(folder)


# --- modules of TensorFlow Hub ---------------------------------------------------------------------------------------


@pytest.mark.oldest
@pytest.mark.parametrize(("resource", "partitions", "training"), [(False, 1, False), (False, 3, True), (True, 1, True)])
def test_the_first_hub_format(tmp_path: Path, resource: bool, partitions: int, training: bool) -> None:
    with two_headed(resource=resource, partitions=partitions) as model:
        folder = write_hub_module(model, tmp_path / "m", training=training)
        wanted = model.session.run(model.outputs, {model.inputs[k]: v for k, v in given().items()})
    ours = converted(folder)
    assert (ours.loaded.format, ours.loaded.signature) == ("hub", "default")
    original = agree(ours, given())
    for name, value in wanted.items():
        np.testing.assert_allclose(original[name], value, rtol=1e-6, err_msg=name)
    if training:
        agree(converted(folder, tags=("train",)), given())
        with pytest.raises(UnknownSignature, match="tags: none; train"):
            converted(folder, format_="saved_model")


def test_a_module_of_tensorflow_2_is_a_saved_model(tmp_path: Path) -> None:
    module = tf.Module()
    module.v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    module.run = tf.function(lambda x: {"y": x @ module.v}, input_signature=[tf.TensorSpec([None, 3], name="x")])
    tf.saved_model.save(module, str(tmp_path / "m"), signatures=module.run)
    ours = converted(tmp_path / "m", format_="hub")
    assert (ours.loaded.format, ours.loaded.signature) == ("hub", "serving_default")
    agree(ours, {"x": np.arange(6, dtype=np.float32).reshape(2, 3)})


def test_an_archive_lives_as_long_as_its_original(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    with two_headed() as model:
        folder = write_hub_module(model, tmp_path / "m")
    (tmp_path / "m.tar.gz").write_bytes(packed(folder))
    ours = converted(tmp_path / "m.tar.gz")
    assert ours.loaded.format == "hub"
    assert len(list(scratch.iterdir())) == 1
    agree(ours, given())
    del ours
    gc.collect()
    assert list(scratch.iterdir()) == []
    (folder / "saved_model.pb").write_bytes(b"damaged")
    (tmp_path / "m.tar.gz").write_bytes(packed(folder))
    with pytest.raises(CorruptModel):
        converted(tmp_path / "m.tar.gz")
    assert list(scratch.iterdir()) == []


def test_an_archive_without_a_module_and_one_with_two(tmp_path: Path) -> None:
    (tmp_path / "m" / "a").mkdir(parents=True)
    (tmp_path / "m" / "model.tflite").write_bytes(b"")
    (tmp_path / "none.tar.gz").write_bytes(packed(tmp_path / "m"))
    with pytest.raises(UnknownFormat, match=r"none\.tar\.gz holds no SavedModel"):
        converted(tmp_path / "none.tar.gz")
    for name in ("a", "b"):
        (tmp_path / "m" / name).mkdir(exist_ok=True)
        (tmp_path / "m" / name / "saved_model.pb").write_bytes(b"")
    (tmp_path / "two.tar.gz").write_bytes(packed(tmp_path / "m"))
    with pytest.raises(UnknownFormat, match="several SavedModels: a, b"):
        converted(tmp_path / "two.tar.gz")
