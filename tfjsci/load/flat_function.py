"""A function of nested structures as one of plain arguments that gives a plain dict, which is what a signature can say.

``f({"a": x}, y) -> {"b": (u, v)}`` becomes ``f(a, y) -> {"b/0": u, "b/1": v}``: an input keeps the name that TensorFlow gave
it, an output is called after its way through the structure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tfjsci.graph.graph import unused_name
from tfjsci.graph.tensorflow import tensorflow


def flat(concrete: Any) -> Any:
    """The concrete function itself where nothing is nested, else a flat one around it."""
    args, kwargs = concrete.structured_input_signature
    outputs = concrete.structured_outputs
    if not any(map(_is_nested, (*args, *kwargs.values()))) and not _has_nested(outputs):
        return concrete
    tf = tensorflow()
    names: list[str] = []
    for path, spec in _leaves((args, kwargs)):
        names.append(unused_name(getattr(spec, "name", None) or path.replace("/", "_"), names))
    structure = (args, kwargs)
    specs = [leaf for _, leaf in _leaves(structure)]

    def call(**given: Any) -> dict[str, Any]:
        inner_args, inner_kwargs = _filled(structure, iter(given[name] for name in names))
        return dict(_leaves(concrete(*inner_args, **inner_kwargs)))

    wanted = {name: tf.TensorSpec(spec.shape, spec.dtype, name=name) for name, spec in zip(names, specs, strict=True)}
    return tf.function(call).get_concrete_function(**wanted)


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping | tuple | list)


def _has_nested(outputs: Any) -> bool:
    inner = outputs.values() if isinstance(outputs, Mapping) else outputs if isinstance(outputs, tuple | list) else ()
    return any(map(_is_nested, inner))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each leaf and its way: keys in their order as TensorFlow flattens them, sorted, and places."""
    if isinstance(value, Mapping):
        for key in sorted(value, key=str):
            yield from _leaves(value[key], f"{path}/{key}" if path else str(key))
    elif isinstance(value, tuple | list):
        fields = getattr(value, "_fields", range(len(value)))  # a named tuple's
        for key, item in zip(fields, value, strict=True):
            yield from _leaves(item, f"{path}/{key}" if path else str(key))
    elif value is not None:
        yield path, value


def _filled(structure: Any, tensors: Iterator[Any]) -> Any:
    """The same structure with tensors for its leaves."""
    if isinstance(structure, Mapping):
        filled = {key: _filled(structure[key], tensors) for key in sorted(structure, key=str)}
        return {key: filled[key] for key in structure}
    if isinstance(structure, tuple | list):
        items = [_filled(item, tensors) for item in structure]
        return type(structure)(*items) if hasattr(structure, "_fields") else type(structure)(items)
    return None if structure is None else next(tensors)
