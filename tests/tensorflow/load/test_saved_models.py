"""SavedModels of every shape: the signature chosen, its names, its numbers; and a reason when it can't be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lowered_graph import agree, answers, converted, random_inputs

from tfjsci.errors import ConversionFailed, CorruptModel, MissingModel, UnknownSignature
from tfjsci.graph.tensorflow import keras
from tfjsci.load.described import describe_saved_model
from tfjsci.load.named_folder import named

tf: Any = None  # set by conftest.py when the first test runs


def names(specs: Any) -> list[str]:
    return [spec.name for spec in specs]


def spec(*shape: int | None, dtype: str = "float32", name: str | None = None) -> Any:
    return tf.TensorSpec(shape, dtype, name)


def save(folder: Path, function: Any, *specs: Any, variables: Any = (), **named: Any) -> Path:
    """A module whose only signature is ``function``."""
    module = tf.Module()
    module.kept = list(variables)
    module.run = tf.function(function, input_signature=list(specs) or None, autograph=False)
    tf.saved_model.save(module, str(folder), signatures=module.run.get_concrete_function(**named))
    return folder


@pytest.mark.oldest
def test_a_keras_model_exported(tmp_path: Path) -> None:
    k = keras()
    x = inputs = k.Input((8, 8, 3), name="images")
    x = k.layers.BatchNormalization()(k.layers.Conv2D(4, 3, use_bias=False)(x))
    model = k.Model(inputs, k.layers.Dense(3, name="scores")(k.layers.Flatten()(k.layers.ReLU()(x))))
    rng = np.random.default_rng(0)
    for variable in model.variables:
        variable.assign(0.5 + 0.3 * rng.random(variable.shape))
    model.export(tmp_path / "m")
    ours = converted(tmp_path / "m")
    agree(ours, random_inputs(ours))
    assert names(ours.inputs) == ["images"]
    assert ours.loaded.format == "saved_model"
    assert ours.loaded.signature == "serving_default"
    assert ours.outputs[0].shape == (None, 3)
    assert {source.rpartition("/")[2] for c in ours.graph.constants.values() for source in c.sources} >= {
        "kernel",
        "bias",
    }


@pytest.mark.oldest
def test_inputs_of_equal_shape_are_not_mixed_up(tmp_path: Path) -> None:
    weight = tf.Variable(np.arange(4, dtype=np.float32), name="w")

    def run(zebra: Any, ant: Any) -> Any:
        return {"minus": (zebra - ant) * weight, "add": zebra + ant, "mole": zebra}

    folder = save(
        tmp_path / "m", run, variables=[weight], zebra=spec(None, 4, name="zebra"), ant=spec(None, 4, name="ant")
    )
    ours = converted(folder)
    assert sorted(names(ours.inputs)) == ["ant", "zebra"]
    assert sorted(names(ours.outputs)) == ["add", "minus", "mole"]
    given = random_inputs(ours)
    original = agree(ours, given)
    np.testing.assert_allclose(original["minus"], (given["zebra"] - given["ant"]) * np.arange(4), rtol=1e-6)
    np.testing.assert_array_equal(original["mole"], given["zebra"])


def test_more_than_nine_outputs_keep_their_order(tmp_path: Path) -> None:
    def run(x: Any) -> Any:
        return [x * float(i) for i in range(12)]

    folder = save(tmp_path / "m", run, spec(2, name="x"))
    ours = converted(folder)
    assert names(ours.outputs) == [f"output_{i}" for i in range(12)]
    assert describe_saved_model(named(folder)).signatures == {
        "serving_default": (ours.loaded.inputs, ours.loaded.outputs)
    }
    original = agree(ours, {"x": np.array([1.0, 2.0], np.float32)})
    assert [float(original[f"output_{i}"][0]) for i in range(12)] == [float(i) for i in range(12)]


def test_several_signatures(tmp_path: Path) -> None:
    module = tf.Module()
    module.v = tf.Variable([2.0, 3.0], name="v")
    module.double = tf.function(lambda x: {"y": x * module.v}, input_signature=[spec(2, name="x")])
    module.shift = tf.function(lambda a: {"b": a + module.v}, input_signature=[spec(2, name="a")])
    tf.saved_model.save(module, str(tmp_path / "m"), signatures={"double": module.double, "shift": module.shift})
    with pytest.raises(UnknownSignature, match=r"several signatures.*double.*shift|several signatures.*shift.*double"):
        converted(tmp_path / "m")
    with pytest.raises(UnknownSignature, match=r"no signature 'shiftt'.*Did you mean .shift."):
        converted(tmp_path / "m", signature="shiftt")
    with pytest.raises(UnknownSignature) as refused:
        converted(tmp_path / "m", signature="serving_default")
    assert "Did you mean" not in str(refused.value)
    ours = converted(tmp_path / "m", signature="shift")
    assert (names(ours.inputs), names(ours.outputs), ours.loaded.signature) == (["a"], ["b"], "shift")
    agree(ours, {"a": np.array([1.0, 5.0], np.float32)})
    other = converted(tmp_path / "m", signature="double")
    np.testing.assert_allclose(answers(other, {"x": np.array([1.0, 5.0], np.float32)})["y"], [2, 15])


def test_the_only_signature_needs_no_name_and_none_at_all_is_told(tmp_path: Path) -> None:
    module = tf.Module()
    module.run = tf.function(lambda x: {"y": x + 1.0}, input_signature=[spec(2, name="x")])
    tf.saved_model.save(module, str(tmp_path / "one"), signatures={"mine": module.run})
    assert converted(tmp_path / "one").loaded.signature == "mine"
    bare = tf.Module()
    bare.v = tf.Variable(1.0)
    tf.saved_model.save(bare, str(tmp_path / "none"))
    with pytest.raises(UnknownSignature, match="no signature at all") as refused:
        converted(tmp_path / "none")
    assert "export" in str(refused.value.hint)
    with pytest.raises(UnknownSignature):
        converted(tmp_path / "none", signature="__saved_model_init_op")


@pytest.mark.oldest
def test_a_variable_read_twice_and_two_of_one_name(tmp_path: Path) -> None:
    a, b = tf.Variable([1.0, 2.0], name="same"), tf.Variable([10.0, 20.0], name="same")

    def run(x: Any) -> Any:
        return {"y": x * a + b, "z": (x + a) * b}

    ours = converted(save(tmp_path / "m", run, spec(2, name="x"), variables=[a, b]))
    agree(ours, random_inputs(ours))
    weights = [c for c in ours.graph.constants.values() if c.sources]
    assert len(weights) == 2
    assert sorted(float(c.value[0]) for c in weights) == [1.0, 10.0]


def test_captured_constants(tmp_path: Path) -> None:
    table = tf.constant(np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32))

    def run(x: Any) -> Any:
        return {"y": tf.linalg.matmul(x, table)}

    ours = converted(save(tmp_path / "m", run, spec(None, 64, name="x")))
    agree(ours, random_inputs(ours))


def test_a_gather_from_a_variable_with_batch_dimensions(tmp_path: Path) -> None:
    table = tf.Variable(np.arange(24, dtype=np.float32).reshape(2, 4, 3), name="table")

    def run(i: Any) -> Any:
        return {"flat": tf.gather(table, i[0]), "batched": tf.gather(table, i, batch_dims=1)}

    ours = converted(save(tmp_path / "m", run, spec(2, 5, dtype="int32", name="i"), variables=[table]))
    given = {"i": np.array([[0, 1, 0, 1, 1], [3, 2, 1, 0, 3]], np.int32)}
    original = agree(ours, given)
    assert original["batched"].shape == (2, 5, 3)


def test_an_input_that_no_output_needs_stays_in_the_signature(tmp_path: Path) -> None:
    def run(used: Any, unused: Any) -> Any:
        return {"y": used * 2.0}

    ours = converted(save(tmp_path / "m", run, used=spec(None, 3, name="used"), unused=spec(2, name="unused")))
    assert sorted(names(ours.inputs)) == ["unused", "used"]
    assert any("unused" in note for note in ours.notes)
    agree(ours, random_inputs(ours))


def test_calls_within_calls_and_a_jitted_function(tmp_path: Path) -> None:
    v = tf.Variable([3.0], name="v")

    @tf.function(jit_compile=True)
    def inner(x: Any) -> Any:
        return tf.nn.relu(x * v)

    @tf.function
    def middle(x: Any) -> Any:
        return inner(x) + inner(x + 1.0)

    ours = converted(save(tmp_path / "m", lambda x: {"y": middle(x)}, spec(4, name="x"), variables=[v]))
    agree(ours, random_inputs(ours))
    assert not [op for op in ours.check.ops if "Call" in op]


def test_an_output_that_is_an_input_a_constant_or_another_output(tmp_path: Path) -> None:
    v = tf.Variable([4.0, 5.0], name="v")

    def run(x: Any) -> Any:
        y = x * 2.0
        return {"same": x, "y": y, "again": y, "weight": v.read_value(), "literal": tf.constant([7.0, 8.0])}

    ours = converted(save(tmp_path / "m", run, spec(2, name="x"), variables=[v]))
    original = agree(ours, {"x": np.array([1.0, -1.0], np.float32)})
    np.testing.assert_array_equal(original["weight"], [4, 5])
    np.testing.assert_array_equal(original["literal"], [7, 8])
    np.testing.assert_array_equal(original["again"], original["y"])


def test_an_output_that_is_one_of_several_of_a_node(tmp_path: Path) -> None:
    def run(x: Any) -> Any:
        a, b, c = tf.split(x, 3, axis=1)
        return {"third": c, "first": a, "sum": b + c}

    ours = converted(save(tmp_path / "m", run, spec(None, 6, name="x")))
    agree(ours, random_inputs(ours))


def test_names_in_other_alphabets(tmp_path: Path) -> None:
    v = tf.Variable([1.0, 2.0], name="v")
    ours = converted(
        save(
            tmp_path / "модель 模型",
            lambda x: {"größe": x * v, "大": x + v, "a.b:c/d": x - v},
            spec(2, name="x"),
            variables=[v],
        )
    )
    assert set(names(ours.outputs)) == {"größe", "大", "a.b:c/d"}
    agree(ours, random_inputs(ours))


@pytest.mark.parametrize("dtype", ["int64", "int32", "bool", "float64", "float16", "uint8"])
def test_inputs_of_every_dtype(tmp_path: Path, dtype: str) -> None:
    ours = converted(
        save(tmp_path / "m", lambda x: {"y": tf.cast(x, "float32") * 2.0, "x": x}, spec(None, 3, dtype=dtype, name="x"))
    )
    assert ours.inputs[0].dtype == dtype
    assert {o.name: o.dtype for o in ours.outputs} == {"x": dtype, "y": "float32"}
    agree(ours, random_inputs(ours))


def test_a_scalar_and_no_input_at_all(tmp_path: Path) -> None:
    v = tf.Variable([1.0, 2.0], name="v")
    ours = converted(save(tmp_path / "scalar", lambda x: {"y": x * v}, spec(name="x"), variables=[v]))
    assert ours.inputs[0].shape == ()
    agree(ours, {"x": np.float32(3)})
    nothing = converted(save(tmp_path / "nothing", lambda: {"y": v * 2.0}, variables=[v]))
    assert nothing.inputs == ()
    np.testing.assert_array_equal(answers(nothing, {})["y"], [2, 4])


def test_an_input_of_unknown_rank_is_refused_unless_its_shape_is_told(tmp_path: Path) -> None:
    x = tf.TensorSpec(None, "float32", "x")
    folder = save(tmp_path / "m", lambda x: {"y": tf.reduce_sum(tf.nn.relu(x), -1)}, x)
    with pytest.raises(ConversionFailed, match="how many dimensions its input x has") as refused:
        converted(folder)
    assert "--input-shape x=" in str(refused.value.hint)
    assert "TensorSpec" in str(refused.value.hint)
    ours = converted(folder, input_shapes={"x": (None, 3)})
    assert (ours.inputs[0].shape, ours.outputs[0].shape) == ((None, 3), (None,))
    agree(ours, {"x": np.arange(-2, 4, dtype=np.float32).reshape(2, 3)})


def test_a_fold_that_cannot_be_computed_is_left_and_not_a_crash(tmp_path: Path) -> None:
    v = tf.Variable(np.arange(3, dtype=np.float32), name="v")

    def run(x: Any) -> Any:
        return {"y": x + tf.gather(v.read_value(), tf.constant([7]))}

    converted(save(tmp_path / "m", run, spec(1, name="x"), variables=[v]))


def test_a_variable_that_is_assigned_is_refused(tmp_path: Path) -> None:
    v = tf.Variable([1.0], name="counter")

    def run(x: Any) -> Any:
        v.assign_add([1.0])
        return {"y": x + v}

    with pytest.raises(ConversionFailed, match=r"state.*AssignAddVariableOp.*counter") as refused:
        converted(save(tmp_path / "m", run, spec(1, name="x"), variables=[v]))
    assert "inference" in str(refused.value.hint)


def test_a_variable_that_is_assigned_and_reaches_no_output_falls_away(tmp_path: Path) -> None:
    seen, weight = tf.Variable([0.0], name="seen"), tf.Variable([2.0], name="weight")

    def run(x: Any) -> Any:
        seen.assign_add(tf.reduce_sum(x, keepdims=True))
        return {"y": x * weight}

    ours = converted(save(tmp_path / "m", run, spec(1, name="x"), variables=[seen, weight]))
    assert {node.op for node in ours.graph} == {"Placeholder", "Const", "Mul"}
    assert sum(node.op == "Placeholder" for node in ours.graph) == 1
    agree(ours, random_inputs(ours))


@pytest.mark.parametrize("loop", [True, False])
def test_a_variable_that_a_loop_or_a_branch_reads_is_a_weight_in_it(tmp_path: Path, loop: bool) -> None:
    v = tf.Variable([2.0], name="v")

    def run(x: Any) -> Any:
        if loop:
            return {"y": tf.while_loop(lambda y: tf.reduce_sum(y) < 100.0, lambda y: [y * v + 1.0], [x])[0]}
        return {"y": tf.cond(tf.reduce_sum(x) > 0.0, lambda: x * v, lambda: x - v)}

    ours = converted(save(tmp_path / "m", run, spec(1, name="x"), variables=[v]))
    assert ours.graph.functions
    assert not ours.graph.constants.keys() & {"v"}
    assert ours.graph.all_constants["v"].sources == ("v",)


def test_a_variable_that_a_loop_changes_is_state(tmp_path: Path) -> None:
    v = tf.Variable([2.0], name="v")

    def run(x: Any) -> Any:
        return {"y": tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y + v.assign_add([1.0])), (0, x))[1]}

    with pytest.raises(ConversionFailed, match=r"keeps state between its calls: AssignAddVariableOp .* changes v"):
        converted(save(tmp_path / "m", run, spec(1, name="x"), variables=[v]))


def test_an_op_of_a_library_that_is_not_loaded_is_named(tmp_path: Path) -> None:
    folder = save(tmp_path / "m", lambda x: {"y": tf.linalg.inv(x)}, spec(2, 2, name="x"))
    # as a model with an op of someone's own looks where that isn't known
    pb = folder / "saved_model.pb"
    pb.write_bytes(pb.read_bytes().replace(b"MatrixInverse", b"MatrixInverze"))
    with pytest.raises(ConversionFailed, match=r"doesn't know the op MatrixInverze\n") as refused:
        converted(folder)
    assert "tf.load_op_library" in str(refused.value.hint)


def test_a_folder_that_is_no_saved_model(tmp_path: Path) -> None:
    from tfjsci.errors import UnknownFormat

    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingModel, match="there is no folder gone"):
        converted(tmp_path / "gone", format_="saved_model")
    with pytest.raises(UnknownFormat, match=r"empty is not a SavedModel: it has no saved_model\.pb"):
        converted(tmp_path / "empty")
    with pytest.raises(MissingModel, match="not a SavedModel"):
        converted(tmp_path / "empty", format_="saved_model")
    with pytest.raises(MissingModel, match="nowhere"):
        converted(tmp_path / "nowhere")


def test_a_missing_or_damaged_part_is_told(tmp_path: Path) -> None:
    v = tf.Variable(np.ones((40, 40), np.float32), name="v")

    def fresh(name: str) -> Path:
        return save(tmp_path / name, lambda x: {"y": x @ v}, spec(None, 40, name="x"), variables=[v])

    import shutil

    without = fresh("without")
    shutil.rmtree(without / "variables")
    with pytest.raises(CorruptModel, match="without"):
        converted(without)
    for part in ("variables.index", "variables.data-00000-of-00001"):
        for keep in (0, 1, 30, 60):
            folder = fresh(f"{part}{keep}")
            file = folder / "variables" / part
            file.write_bytes(file.read_bytes()[:keep])
            with pytest.raises(CorruptModel):
                converted(folder)
    folder = fresh("other")
    (folder / "saved_model.pb").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n")
    with pytest.raises(CorruptModel, match="Git LFS"):
        converted(folder)
    (folder / "saved_model.pb").write_bytes(b"")
    with pytest.raises(CorruptModel):
        converted(folder)
