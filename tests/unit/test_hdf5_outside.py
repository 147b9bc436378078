"""HDF5 files that reach into other files are seen through; links within the file are fine, and none hangs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from tfjsci.hdf5_outside import outside_data

Make = Callable[[h5py.File], None]


def found(tmp_path: Path, make: Make) -> str | None:
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["secret"] = np.arange(4.0)
    (tmp_path / "raw").write_bytes(bytes(64))
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file.create_group("a/b")["fine"] = np.arange(3.0)
        make(file)
    with h5py.File(path, "r") as file:
        return outside_data(file)


def external_link(file: h5py.File) -> None:
    file["a/b/link"] = h5py.ExternalLink("other.h5", "/secret")


def external_group(file: h5py.File) -> None:
    file["a/group"] = h5py.ExternalLink("other.h5", "/")


def external_storage(file: h5py.File) -> None:
    file.create_dataset("a/raw", (16,), "f4", external=[("/etc/passwd", 0, 64)])


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource("other.h5", "secret", (4,))
    file.create_virtual_dataset("a/virtual", layout)


@pytest.mark.parametrize(
    ("make", "path"),
    [(external_link, "/a/b/link"), (external_group, "/a/group"), (external_storage, "/a/raw"), (virtual, "/a/virtual")],
)
def test_each_way_out_is_named(tmp_path: Path, make: Make, path: str) -> None:
    assert found(tmp_path, make) == path


def test_a_way_out_behind_a_soft_link_is_found_where_it_is(tmp_path: Path) -> None:
    def make(file: h5py.File) -> None:
        external_link(file)
        file["first"] = h5py.SoftLink("/a/b/link")

    assert found(tmp_path, make) == "/a/b/link"


def test_links_within_the_file_are_fine(tmp_path: Path) -> None:
    def make(file: h5py.File) -> None:
        file["soft"] = h5py.SoftLink("/a/b/fine")
        file["broken"] = h5py.SoftLink("/no/where")
        file["round"] = h5py.SoftLink("/round")
        file["hard"] = file["a/b/fine"]
        file["kind"] = np.dtype("f8")
        file.create_dataset("chunked", data=np.zeros((64, 64)), chunks=(8, 8), compression="gzip")
        file.create_dataset("empty", shape=(0,), dtype="f4")

    assert found(tmp_path, make) is None


def test_groups_that_hold_each_other_end(tmp_path: Path) -> None:
    def make(file: h5py.File) -> None:
        file["a/b/up"] = file["a"]
        file["a/self"] = file["/"]
        here = file.create_group("deep")
        for _ in range(40):  # 2^40 ways down
            below = here.create_group("left")
            here["right"] = below
            here = below

    assert found(tmp_path, make) is None
