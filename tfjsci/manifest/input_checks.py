"""What the types can't say of a model's inputs: which keys go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tfjsci.errors import ManifestProblem
from tfjsci.manifest.node import Node
from tfjsci.manifest.problem import Key, show_path, show_value

_SOURCES = ("file", "images", "random")
_IMAGES_OWN = ("scale", "mean", "std")


def input_checks(path: tuple[Key, ...], model: Node) -> Iterator[ManifestProblem]:
    """Every mistake of this kind in ``inputs`` and ``labels`` of the model at ``path``."""
    inputs = model.child("inputs")
    for name, entry in _mapping(inputs).items():
        if isinstance(entry.value, dict):
            yield from _input((*path, "inputs", name), entry)
    labels = model.child("labels")
    if labels is not None and isinstance(labels.value, dict):
        yield from _parts((*path, "labels"), labels, column="column")


def _input(path: tuple[Key, ...], entry: Node) -> Iterator[ManifestProblem]:
    given = [source for source in _SOURCES if entry.child(source) is not None]
    if not given:
        yield _problem(path, entry, "where do the values come from? One of file, images and random belongs here.")
    elif len(given) > 1:
        yield _problem(path, entry, f"{' and '.join(given)}: the values come from one of them.")
    elif given != ["file"]:
        for key in ("key", "columns", *(("samples",) if given == ["random"] else ())):
            if (node := entry.child(key)) is not None:
                yield _problem((*path, key), node, f"this belongs to a file, not to {given[0]}.")
    yield from _parts(path, entry, column="columns")
    yield from _image_numbers((*path, "images"), entry.child("images"))
    yield from _drawn((*path, "random"), entry.child("random"))


def _parts(path: tuple[Key, ...], entry: Node, *, column: str) -> Iterator[ManifestProblem]:
    file, key, columns = entry.child("file"), entry.child("key"), entry.child(column)
    if file is None:
        return
    suffix = str(file.value).rpartition(".")[2]
    if key is not None and suffix != "npz":
        what = "an .npy file holds one array without a name" if suffix == "npy" else f"a .{suffix} file has columns"
        yield _problem((*path, "key"), key, f"{what}; a key is for an .npz.")
    if columns is not None and suffix in ("npy", "npz"):
        yield _problem((*path, column), columns, f"an .{suffix} file has no columns; they are a .csv's and a .jsonl's.")


def _image_numbers(path: tuple[Key, ...], images: Node | None) -> Iterator[ManifestProblem]:
    given = _mapping(images)
    if "range" in given:
        for key in _IMAGES_OWN:
            if key in given:
                yield _problem((*path, key), given[key], "the range says all; take one of the two out.")


def _drawn(path: tuple[Key, ...], drawn: Node | None) -> Iterator[ManifestProblem]:
    given = _mapping(drawn)
    distribution = given["distribution"].value if "distribution" in given else None
    wrong = {"normal": ("range",), "uniform": ("mean", "std"), "integers": ("mean", "std")}
    for key in wrong.get(str(distribution), ()):
        if key in given:
            yield _problem((*path, key), given[key], f"{show_value(distribution)} has none.")


def _mapping(node: Node | None) -> Mapping[str, Node]:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _problem(path: tuple[Key, ...], node: Node, message: str) -> ManifestProblem:
    return ManifestProblem(line=node.line, path=show_path(path), message=message)
