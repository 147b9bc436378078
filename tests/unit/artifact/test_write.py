"""An artifact on the disk: the bytes, the cuts between shards, and whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft, weights
from hypothesis import given
from hypothesis import strategies as st
from loop_draft import below, counter, loop

from tfjsci.artifact import write
from tfjsci.artifact.artifact import WeightSummary
from tfjsci.artifact.quantize import Quantization
from tfjsci.artifact.write import Written, write_artifact
from tfjsci.errors import ConversionFailed, ExitCode, OutputUnwritable, UsageError
from tfjsci.format.read import read_artifact
from tfjsci.graph.graph import Graph
from tfjsci.quantize.scheme import Scheme
from tfjsci.signature import TensorSpec


def net(**consts: Any) -> Graph:
    draft = Draft()
    names = [draft.const(name, value) for name, value in consts.items()]
    return draft.graph(draft.op("AddN", "y", draft.input("x", (None, 2)), *names))


def written(folder: Path, graph: Graph | None = None, **options: Any) -> Written:
    return write_artifact(graph or net(w=weights(3, 4)), inputs=(), outputs=(), folder=folder, **options)


def document(folder: Path) -> Any:
    return json.loads((folder / "model.json").read_text(encoding="utf-8"))


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


class TestModelJson:
    def test_holds_the_signature_in_the_models_own_order(self, tmp_path: Path) -> None:
        inputs = [
            TensorSpec(name=name, tensor=tensor, dtype=dtype, shape=shape)
            for name, tensor, dtype, shape in (
                ("zebra", "x", "float32", (None, 2)),
                ("ant", "x2:0", "int64", ()),
                ("bee", "x3", "string", None),
            )
        ]
        outputs = [TensorSpec(name="out", tensor="y:1", dtype="bool", shape=(0,))]
        write_artifact(net(), inputs=inputs, outputs=outputs, folder=tmp_path / "a", generated_by="TensorFlow 9")
        found = document(tmp_path / "a")
        assert list(found) == [
            "format", "generatedBy", "convertedBy", "signature", "modelTopology", "weightsManifest",
        ]  # fmt: skip
        assert (found["format"], found["generatedBy"]) == ("graph-model", "TensorFlow 9")
        assert list(found["signature"]["inputs"]) == ["zebra", "ant", "bee"]
        assert found["signature"] == {
            "inputs": {
                "zebra": {
                    "name": "x:0", "dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": "-1"}, {"size": "2"}]}
                },
                "ant": {"name": "x2:0", "dtype": "DT_INT64", "tensorShape": {"dim": []}},
                "bee": {"name": "x3:0", "dtype": "DT_STRING", "tensorShape": {"unknownRank": True}},
            },
            "outputs": {"out": {"name": "y:1", "dtype": "DT_BOOL", "tensorShape": {"dim": [{"size": "0"}]}}},
        }  # fmt: skip

    def test_lists_the_weights_in_the_order_of_their_bytes(self, tmp_path: Path) -> None:
        written(tmp_path / "a", net(b=[1.0], a=np.array([2, 3])))
        (group,) = document(tmp_path / "a")["weightsManifest"]
        assert group == {
            "paths": ["group1-shard1of1.bin"],
            "weights": [
                {"name": "b", "shape": [1], "dtype": "float32"},
                {"name": "a", "shape": [2], "dtype": "int32"},
            ],
        }
        stored = (tmp_path / "a" / "group1-shard1of1.bin").read_bytes()
        assert stored == np.float32(1).tobytes() + np.array([2, 3], "<i4").tobytes()

    def test_tells_the_dtype_in_which_a_const_is_stored(self, tmp_path: Path) -> None:
        written(tmp_path / "a", net(c=np.array([2, 3])))
        nodes = {node["name"]: node for node in document(tmp_path / "a")["modelTopology"]["node"]}
        assert nodes["c"]["attr"]["dtype"] == {"type": "DT_INT32"}

    def test_names_of_any_script_are_utf_8(self, tmp_path: Path) -> None:
        spec = TensorSpec(name="größe 像 </script>", tensor="x", dtype="float32", shape=None)
        write_artifact(net(), inputs=[spec], outputs=(), folder=tmp_path / "a")
        assert list(document(tmp_path / "a")["signature"]["inputs"]) == ["größe 像 </script>"]


class TestFunctions:
    def graph(self) -> Graph:
        draft = Draft()
        x = draft.input("x", ())
        functions = loop(
            draft,
            [draft.const("zero", 0, sources=()), draft.typed("Mul", "scaled", x, draft.const("w", 2.0))],
            [("i", "int32"), ("y", "float32")],
            cond=lambda d, i, y: below(d, i, 3),
            body=lambda d, i, y: [counter(d, "next", i), d.typed("Mul", "product", y, d.const("w", 2.0))],
        )
        return draft.graph("loop:1", functions=functions)

    def test_a_function_is_in_the_library_with_its_tensors_named_as_in_a_graph(self, tmp_path: Path) -> None:
        written(tmp_path / "a", self.graph())
        found = {f["signature"]["name"]: f for f in document(tmp_path / "a")["modelTopology"]["library"]["function"]}
        body = found["body"]
        assert body["signature"]["inputArg"] == [{"name": "i", "type": "DT_INT32"}, {"name": "y", "type": "DT_FLOAT"}]
        assert body["ret"] == {"result_0": "next:0", "result_1": "product:0"}
        assert [argument["name"] for argument in body["signature"]["outputArg"]] == list(body["ret"])
        assert {node["name"]: node["op"] for node in body["nodeDef"]} == {
            "next/step": "Const", "next": "AddV2", "w": "Const", "product": "Mul",
        }  # fmt: skip
        assert found["cond"]["ret"] == {"result_0": "less:0"}

    def test_a_weight_that_is_read_in_and_outside_of_a_function_is_stored_once(self, tmp_path: Path) -> None:
        made = written(tmp_path / "a", self.graph())
        manifest = document(tmp_path / "a")["weightsManifest"][0]["weights"]
        assert [entry["name"] for entry in manifest] == ["zero", "less/limit", "next/step", "w"]
        assert made.parameters == 1


class TestWritten:
    def test_tells_files_bytes_and_weights(self, tmp_path: Path) -> None:
        found = written(tmp_path / "a", net(w=weights(2, 3), b=[1.0], n=np.array([2, 3])), shard_bytes=20)
        assert found.files == ("model.json", "group1-shard1of2.bin", "group1-shard2of2.bin")
        assert found.raw_bytes == sum(len(data) for data in everything_in(tmp_path / "a").values())
        assert found.parameters == 9
        assert found.weights == (
            WeightSummary(dtype="float32", count=2, stored_bytes=28),
            WeightSummary(dtype="int32", count=1, stored_bytes=8),
        )

    def test_the_digest_is_of_the_files_in_order(self, tmp_path: Path) -> None:
        found = written(tmp_path / "a", shard_bytes=20)
        data = b"".join((tmp_path / "a" / name).read_bytes() for name in found.files)
        assert found.sha256 == hashlib.sha256(data).hexdigest()

    def test_twice_the_same_is_byte_identical(self, tmp_path: Path) -> None:
        options: dict[str, Any] = {"quantization": Quantization(scheme=Scheme(name="uint8")), "shard_bytes": 30}
        first = written(tmp_path / "a", net(w=weights(9, 9), b=[1.0]), **options)
        second = written(tmp_path / "b", net(w=weights(9, 9), b=[1.0]), **options)
        assert everything_in(tmp_path / "a") == everything_in(tmp_path / "b")
        assert first.sha256 == second.sha256

    def test_another_weight_is_another_digest(self, tmp_path: Path) -> None:
        assert written(tmp_path / "a", net(w=[1.0])).sha256 != written(tmp_path / "b", net(w=[2.0])).sha256


class TestShards:
    def sizes(self, folder: Path, count: int, shard_bytes: int) -> list[int]:
        found = written(folder, net(w=np.arange(count, dtype=np.float64)), shard_bytes=shard_bytes)
        return [(folder / name).stat().st_size for name in found.files[1:]]

    def test_an_exact_multiple_leaves_no_empty_shard(self, tmp_path: Path) -> None:
        assert self.sizes(tmp_path / "a", 10, 20) == [20, 20]

    def test_one_weight_more_begins_another(self, tmp_path: Path) -> None:
        assert self.sizes(tmp_path / "a", 11, 20) == [20, 20, 4]

    def test_a_weight_is_cut_wherever_the_shard_is_full(self, tmp_path: Path) -> None:
        assert self.sizes(tmp_path / "a", 5, 7) == [7, 7, 6]
        assert read_artifact(tmp_path / "a").weights["w"].tolist() == [0, 1, 2, 3, 4]

    def test_of_one_byte_each(self, tmp_path: Path) -> None:
        assert self.sizes(tmp_path / "a", 1, 1) == [1, 1, 1, 1]

    def test_none_without_weights(self, tmp_path: Path) -> None:
        found = written(tmp_path / "a", net())
        assert found.files == ("model.json",)
        assert document(tmp_path / "a")["weightsManifest"] == [{"paths": [], "weights": []}]
        assert (found.parameters, found.weights) == (0, ())

    def test_none_for_weights_without_bytes(self, tmp_path: Path) -> None:
        assert written(tmp_path / "a", net(none=np.zeros((0, 3)))).files == ("model.json",)
        assert read_artifact(tmp_path / "a").weights["none"].shape == (0, 3)

    @given(st.lists(st.integers(0, 9), max_size=5), st.integers(1, 50))
    def test_whatever_the_sizes_the_weights_come_back(
        self, tmp_path_factory: pytest.TempPathFactory, counts: list[int], shard_bytes: int
    ) -> None:
        folder = tmp_path_factory.mktemp("shards") / "a"
        graph = net(**{f"w{i}": weights(count, seed=i) for i, count in enumerate(counts)})
        found = written(folder, graph, shard_bytes=shard_bytes)
        sizes = [(folder / name).stat().st_size for name in found.files[1:]]
        assert all(size == shard_bytes for size in sizes[:-1])
        assert sum(sizes) == 4 * sum(counts)
        for name, value in read_artifact(folder).weights.items():
            np.testing.assert_array_equal(value, graph.constants[name].value)

    @pytest.mark.parametrize("shard_bytes", [0, -1])
    def test_no_smaller_than_a_byte(self, tmp_path: Path, shard_bytes: int) -> None:
        with pytest.raises(ValueError, match="a shard has at least one byte"):
            written(tmp_path / "a", shard_bytes=shard_bytes)


class TestLargeIntegers:
    """int64 beyond int32 can't be held, and means "to the end" where it says where a slice ends."""

    @staticmethod
    def sliced(op: str, *inputs: str, output: str = "y") -> Graph:
        draft = Draft()
        draft.input("x")
        draft.const("big", np.array([2**63 - 1]))
        draft.const("one", np.array([1]))
        draft.op(op, "y", *inputs)
        return draft.graph(output)

    @pytest.mark.parametrize("inputs", [("x", "one", "big", "one"), ("x", "big", "one", "one")])
    def test_the_ends_of_a_slice_are_clipped(self, tmp_path: Path, inputs: tuple[str, ...]) -> None:
        written(tmp_path / "a", self.sliced("StridedSlice", *inputs))
        assert read_artifact(tmp_path / "a").weights["big"].tolist() == [2**31 - 1]

    @pytest.mark.parametrize(
        ("op", "inputs", "output"),
        [
            ("AddV2", ("x", "big"), "y"),
            ("StridedSlice", ("big", "one", "one", "one"), "y"),  # here it is the data
            ("StridedSlice", ("big", "big", "one", "one"), "y"),
            ("StridedSlice", ("x", "one", "big", "one"), "big"),  # here it is an answer, too
        ],
    )
    def test_elsewhere_they_are_refused(self, tmp_path: Path, op: str, inputs: tuple[str, ...], output: str) -> None:
        with pytest.raises(ConversionFailed, match=r"the weight big .* can't be stored: .* beyond int32"):
            written(tmp_path / "a", self.sliced(op, *inputs, output=output))
        assert list(tmp_path.iterdir()) == []


class TestQuantised:
    def test_takes_the_large_and_leaves_the_small(self, tmp_path: Path) -> None:
        graph = net(kernel=weights(8, 8), bias=weights(8), n=np.array([1]))
        found = written(tmp_path / "a", graph, quantization=Quantization(scheme=Scheme(name="uint8")))
        assert found.weights == (
            WeightSummary(dtype="float32", count=1, stored_bytes=32),
            WeightSummary(dtype="int32", count=1, stored_bytes=4),
            WeightSummary(dtype="uint8", count=1, stored_bytes=64),
        )

    def test_a_double_is_stored_as_float32_and_so_can_be_quantised(self, tmp_path: Path) -> None:
        draft = Draft("float64")
        draft.op("AddN", "y", draft.const("kernel", weights(8, 8)))
        found = written(tmp_path / "a", draft.graph("y"), quantization=Quantization(scheme=Scheme(name="uint16")))
        assert [summary.dtype for summary in found.weights] == ["uint16"]


class TestReplacing:
    def test_an_older_artifact_is_gone_with_all_its_shards(self, tmp_path: Path) -> None:
        written(tmp_path / "a", net(w=weights(30)), shard_bytes=20)
        found = written(tmp_path / "a", net(w=[1.0]))
        assert sorted(everything_in(tmp_path / "a")) == sorted(found.files)
        assert [p.name for p in tmp_path.iterdir()] == ["a"]

    def test_an_empty_folder_is_taken(self, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        assert written(tmp_path / "a").files

    def test_folders_above_are_made(self, tmp_path: Path) -> None:
        assert written(tmp_path / "b" / "c" / "a").folder == tmp_path / "b" / "c" / "a"

    @pytest.mark.parametrize("other", ["notes.txt", "model.keras", "group1-shard1of1.bin.bak", ".hidden"])
    def test_a_folder_with_anything_else_in_it_is_left_alone(self, tmp_path: Path, other: str) -> None:
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / other).write_text("years of work")
        with pytest.raises(UsageError, match="replaced as a whole") as caught:
            written(tmp_path / "a")
        assert other in caught.value.message
        assert everything_in(tmp_path) == {f"a/{other}": b"years of work"}

    def test_a_folder_with_much_else_names_some(self, tmp_path: Path) -> None:
        for name in "abcde":
            (tmp_path / "a" / name).mkdir(parents=True)
        with pytest.raises(UsageError, match="holds a, b, c and 2 more"):
            written(tmp_path / "a")

    def test_what_comes_into_it_while_writing_is_left_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = write.encoded

        def meanwhile(*args: Any, **options: Any) -> Any:
            (tmp_path / "a").mkdir()
            (tmp_path / "a" / "notes.txt").write_text("work")
            return original(*args, **options)

        monkeypatch.setattr(write, "encoded", meanwhile)
        with pytest.raises(UsageError, match=r"notes\.txt"):
            written(tmp_path / "a", net(w=[1.0]))
        assert everything_in(tmp_path) == {"a/notes.txt": b"work"}

    def test_a_file_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("years of work")
        with pytest.raises(OutputUnwritable, match="Not a directory"):
            written(tmp_path / "a")
        assert (tmp_path / "a").read_text() == "years of work"

    def test_what_a_link_points_to_is_left_alone(self, tmp_path: Path) -> None:
        written(tmp_path / "old")
        before = everything_in(tmp_path / "old")
        (tmp_path / "a").symlink_to(tmp_path / "old", target_is_directory=True)
        written(tmp_path / "a", net(w=[1.0]))
        assert everything_in(tmp_path / "old") == before
        assert not (tmp_path / "a").is_symlink()

    def test_others_may_read_it(self, tmp_path: Path) -> None:
        written(tmp_path / "a")
        (tmp_path / "plain").mkdir()
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


class DiskFull:
    """Writes pass until ``after`` bytes are written; then the disk is full."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.original = Path.write_bytes

    def __call__(self, path: Path, data: bytes) -> int:
        self.left -= len(data)
        if self.left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self.original(path, data)


class TestWholeOrNotAtAll:
    @pytest.fixture
    def old(self, tmp_path: Path) -> dict[str, bytes]:
        """An artifact that is there already."""
        written(tmp_path / "a", net(w=[7.0]))
        return everything_in(tmp_path)

    @pytest.mark.parametrize("after", [0, 20, 40])
    def test_a_full_disk(
        self, tmp_path: Path, old: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, after: int
    ) -> None:
        full = DiskFull(after)
        monkeypatch.setattr(Path, "write_bytes", lambda path, data: full(path, data))
        with pytest.raises(OutputUnwritable, match=r"the disk is full: .*a was not written") as caught:
            written(tmp_path / "a", net(w=weights(30)), shard_bytes=20)
        assert caught.value.exit_code is ExitCode.ENVIRONMENT
        assert everything_in(tmp_path) == old

    def test_a_full_disk_at_the_very_last_file(
        self, tmp_path: Path, old: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*args: object, **kwargs: object) -> None:
            raise OSError(errno.EDQUOT, "Disk quota exceeded")

        monkeypatch.setattr(Path, "write_text", full)
        with pytest.raises(OutputUnwritable, match="the disk is full"):
            written(tmp_path / "a")
        assert everything_in(tmp_path) == old

    def test_a_bug_in_the_encoder(self, tmp_path: Path, old: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
        original = write.encoded

        def broken(name: str, *args: Any, **options: Any) -> Any:
            if name == "second":
                raise ZeroDivisionError
            return original(name, *args, **options)

        monkeypatch.setattr(write, "encoded", broken)
        with pytest.raises(ZeroDivisionError):
            written(tmp_path / "a", net(first=weights(30), second=[1.0]), shard_bytes=20)
        assert everything_in(tmp_path) == old
        assert [p.name for p in tmp_path.iterdir()] == ["a"]

    def test_a_weight_that_cannot_be_stored(self, tmp_path: Path, old: dict[str, bytes]) -> None:
        with pytest.raises(ConversionFailed):
            written(tmp_path / "a", net(w=np.array([2**40])))
        assert everything_in(tmp_path) == old

    @pytest.mark.parametrize("error", [OSError(errno.EACCES, "Permission denied"), KeyboardInterrupt()])
    def test_a_failure_when_it_takes_its_place(
        self, tmp_path: Path, old: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, error: BaseException
    ) -> None:
        original = Path.rename

        def rename(path: Path, target: Path) -> Path:
            if target == tmp_path / "a" and path.name != "a":  # the new one, not the old one on its way back
                raise error
            return original(path, target)

        monkeypatch.setattr(Path, "rename", rename)
        with pytest.raises((OutputUnwritable, KeyboardInterrupt)):
            written(tmp_path / "a")
        monkeypatch.undo()
        assert everything_in(tmp_path) == old
        assert [p.name for p in tmp_path.iterdir()] == ["a"]

    def test_an_interrupt_right_after_it_took_its_place(
        self, tmp_path: Path, old: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = Path.rename

        def rename(path: Path, target: Path) -> Path:
            result = original(path, target)
            if target == tmp_path / "a":
                raise KeyboardInterrupt
            return result

        monkeypatch.setattr(Path, "rename", rename)
        with pytest.raises(KeyboardInterrupt):
            written(tmp_path / "a", net(w=[8.0]))
        assert read_artifact(tmp_path / "a").weights["w"].tolist() == [8.0]
        assert [p.name for p in tmp_path.iterdir()] == ["a"]

    def test_a_folder_that_may_not_be_written(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def denied(**_: object) -> str:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(write.tempfile, "mkdtemp", denied)
        with pytest.raises(OutputUnwritable, match="a can't be written: Permission denied") as caught:
            written(tmp_path / "a")
        assert caught.value.exit_code is ExitCode.ENVIRONMENT
        assert "writable" in str(caught.value.hint)

    def test_a_file_where_a_folder_above_should_be(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(OutputUnwritable, match="can't be written"):
            written(tmp_path / "file" / "a")


def test_what_is_stored_alike_lies_side_by_side(tmp_path: Path) -> None:
    """A third of a percent less to download of a net whose kernels and biases take turns; of float alone all stays in order."""
    rng = np.random.default_rng(0)
    draft = Draft()
    x = draft.input("x", (None, 32))
    for n in range(6):
        kernel = draft.const(f"kernel{n}", (rng.normal(size=(32, 32)) ** 3).astype(np.float32))
        x = draft.op("BiasAdd", f"y{n}", draft.matmul(f"p{n}", x, kernel), draft.const(f"bias{n}", rng.normal(size=32)))
    graph = draft.graph(x)

    def names(wanted: Quantization | None) -> list[str]:
        write_artifact(graph, inputs=(), outputs=(), folder=tmp_path / "web", quantization=wanted)
        (group,) = json.loads((tmp_path / "web" / "model.json").read_text())["weightsManifest"]
        return [entry["name"] for entry in group["weights"]]

    in_turns = [f"{kind}{n}" for n in range(6) for kind in ("kernel", "bias")]
    assert names(None) == in_turns
    assert names(Quantization(scheme=Scheme(name="uint8"))) == [
        f"{kind}{n}" for kind in ("kernel", "bias") for n in range(6)
    ]
