"""What the types can't say: names that must differ, and keys that must name something else in the file.

Works on the tree as it was written, so that one mistake doesn't hide another; what has the wrong type is passed over,
the types have said so already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tfjsci.dtypes import SCHEME_NAMES
from tfjsci.errors import ManifestProblem
from tfjsci.manifest.input_checks import input_checks
from tfjsci.manifest.mixed_checks import default_name, mixed_checks
from tfjsci.manifest.node import Node
from tfjsci.manifest.problem import Key, show_path, show_value
from tfjsci.manifest.quantize_checks import quantize_checks
from tfjsci.manifest.release_checks import release_checks
from tfjsci.manifest.resolved import FLOAT
from tfjsci.nearest import did_you_mean

_BY_VARIANT = ("download_bytes", "gzip_bytes", "brotli_bytes")
_INTEGER_BITS = {"int8": 8, "uint8": 8, "int16": 16, "uint16": 16, "int32": 32, "int64": 64}


def cross_checks(root: Node) -> Iterator[ManifestProblem]:
    """Every mistake of this kind in the whole file."""
    yield from _nulls(root)
    defaults = root.child("defaults") or Node({}, 0)
    models = [(("models", position), node) for position, node in enumerate(_items(root.child("models")))]
    yield from _model_names(models)
    shared = _variants(_items(defaults.child("quantize")))
    everywhere = {*shared, *SCHEME_NAMES}
    for path, model in models:
        quantize = model.child("quantize")
        own = _variants(_items(quantize)) if quantize is not None else shared
        everywhere |= own
        yield from _settings(path, model, own)
        yield from input_checks(path, model)
    # what is wrong in the defaults is wrong once, however many models take it from there
    yield from dict.fromkeys(problem for path, model in models for problem in release_checks(path, model, defaults))
    # the defaults may speak of whatever some model makes
    yield from _settings(("defaults",), defaults, everywhere)


def _nulls(root: Node) -> Iterator[ManifestProblem]:
    for path, node in root.walk():
        if node.value is None:
            message = "has no value: write one, or take the key out."
            yield ManifestProblem(line=node.line, path=show_path(path), message=message)


def _settings(path: tuple[Key, ...], node: Node, known: set[str]) -> Iterator[ManifestProblem]:
    yield from _variant_names((*path, "quantize"), _items(node.child("quantize")))
    yield from quantize_checks((*path, "quantize"), _items(node.child("quantize")))
    yield from mixed_checks((*path, "quantize"), _items(node.child("quantize")))
    yield from _names_known((*path, "compare", "quantized"), node.at("compare", "quantized"), known)
    for key in _BY_VARIANT:
        yield from _names_known((*path, "budget", key), node.at("budget", key), {FLOAT, *known})
    yield from _integer_ranges((*path, "random", "ranges"), node.at("random", "ranges"))


def _model_names(models: Sequence[tuple[tuple[Key, ...], Node]]) -> Iterator[ManifestProblem]:
    first: dict[str, Node] = {}
    for path, model in models:
        name = model.child("name")
        if name is None or not isinstance(name.value, str):
            continue
        same = first.setdefault(name.value.lower(), name)
        if same is not name:
            because = "" if same.value == name.value else ", and on some disks the two would be one folder"
            message = f"{show_value(name.value)} is also the name of the model in line {same.line}{because}."
            yield ManifestProblem(line=name.line, path=show_path((*path, "name")), message=message)


def _variants(items: tuple[Node, ...]) -> set[str]:
    """Names and schemes of what a ``quantize`` list makes."""
    nodes = [node for item in items for node in _variant(item)]
    return {node.value for node in nodes if node is not None and isinstance(node.value, str)}


def _variant(item: Node) -> tuple[Node | None, Node]:
    """The nodes that give a variant its name and its scheme: the name's is None if there is none."""
    scheme = item.child("scheme") or default_name(item) or item
    name = item.child("name") or scheme
    return (name if isinstance(name.value, str) else None), scheme


def _variant_names(path: tuple[Key, ...], items: tuple[Node, ...]) -> Iterator[ManifestProblem]:
    first: dict[str, Node] = {}
    for position, item in enumerate(items):
        name, _ = _variant(item)
        if name is None or not isinstance(name.value, str):
            continue
        message = None
        same = first.setdefault(name.value.lower(), name)
        if name.value.lower() == FLOAT:
            message = f"{show_value(name.value)} is the variant that isn't quantised; call this one something else."
        elif same is not name:
            where = "in this list" if same.line == name.line else f"in line {same.line}"
            message = f"a variant called {show_value(same.value)} is already {where}; give this one a name of its own."
        if message is not None:
            where_path = (*path, position, "name") if item.child("name") is name else (*path, position)
            yield ManifestProblem(line=name.line, path=show_path(where_path), message=message)


def _names_known(path: tuple[Key, ...], node: Node | None, known: set[str]) -> Iterator[ManifestProblem]:
    if node is None or not isinstance(node.value, dict):
        return
    for key, child in node.value.items():
        if key != "default" and key not in known:
            listed = sorted(known)
            message = f"{show_value(key)} is no variant of this model and no scheme of one."
            if path[0] == "defaults":
                message = f"{show_value(key)} is no variant of any model and no scheme."
            hint = did_you_mean(key[:100], ["default", *listed]).strip()
            hint = hint or (f"There are: {', '.join(listed)}." if listed else "It isn't quantised at all.")
            yield ManifestProblem(line=child.line, path=show_path(path), message=message, hint=hint)


def _integer_ranges(path: tuple[Key, ...], ranges: Node | None) -> Iterator[ManifestProblem]:
    if ranges is None or not isinstance(ranges.value, dict):
        return
    for dtype, pair in ranges.value.items():
        bits = _INTEGER_BITS.get(dtype)
        bounds = pair.plain()
        if bits is None or not isinstance(bounds, list) or not all(type(bound) in (int, float) for bound in bounds):
            continue
        low, high = (0, 2**bits) if dtype.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1))
        if any(bound != bound or bound in (float("inf"), float("-inf")) for bound in bounds):
            continue
        message = None
        if any(bound != int(bound) for bound in bounds):
            message = f"{show_value(bounds)} should be whole numbers, as {dtype} is."
        elif any(not low <= bound <= high for bound in bounds):
            message = f"{show_value(bounds)} is more than {dtype} can hold, which is [{low}, {high}]."
        if message is not None:
            yield ManifestProblem(line=pair.line, path=show_path((*path, dtype)), message=message)


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.value if node is not None and isinstance(node.value, tuple) else ()
