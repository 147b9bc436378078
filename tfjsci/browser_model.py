"""A converted model in a real browser, called from Python: numpy arrays in, numpy arrays out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import numpy as np

from tfjsci.browser.protocol import BackendEnvironment, Session
from tfjsci.dtypes import Backend
from tfjsci.errors import BadInputs, MissingModel, UsageError
from tfjsci.format.graph_signature import UNKNOWN, specs_in
from tfjsci.format.weights import GRAPH_MODEL, LAYERS_MODEL, format_in, read_document
from tfjsci.graph.graph import Array, Shape
from tfjsci.inputs.fit import fit_dtype
from tfjsci.inputs.split import show_shape
from tfjsci.layers.web import read_web_model, specs_of
from tfjsci.listed import plural
from tfjsci.signature import TensorSpec

Kind = Literal["graph-model", "layers-model"]

Values = Any
"""What numpy makes an array of."""


class Outputs(Mapping[str, Array]):
    """A prediction's arrays by name, in the model's order; an int gives one by its place.

    Of a model with one output it is an array itself wherever numpy asks for one. ``environment`` says where it was computed.
    """

    def __init__(self, arrays: Mapping[str, Array], environment: BackendEnvironment) -> None:
        self._arrays = dict(arrays)
        self.environment = environment

    def __getitem__(self, key: str | int) -> Array:
        if isinstance(key, str) and key not in self._arrays:
            raise KeyError(f"there is no output {key!r}: take one of {', '.join(map(repr, self._arrays))}")
        return self._arrays[key] if isinstance(key, str) else list(self._arrays.values())[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:  # numpy's protocol
        if len(self._arrays) != 1:
            raise TypeError(f"there are {len(self._arrays)} outputs: take one of {', '.join(map(repr, self._arrays))}")
        return np.asarray(self[0], dtype=dtype)

    def __repr__(self) -> str:
        listed = ", ".join(f"{name}: {value.dtype}{list(value.shape)}" for name, value in self._arrays.items())
        return f"Outputs({listed})"


class BrowserModel:
    """A model's folder, and the browser that it is run in; ``with`` ends the browser, if it is the model's own.

    Each call of ``predict`` is a job in a fresh page: it loads the model anew, so many samples go best together.
    """

    def __init__(
        self, path: Path, *, kind: Kind, backend: Backend, session: Session, owns_session: bool, deadline_seconds: float
    ) -> None:
        """``path`` is the folder, or its model.json; ``kind`` what it is to be.

        Raises ``MissingModel``, ``CorruptModel``, and ``UsageError`` for a model of the other kind.
        """
        self._folder = _folder_of(path)
        self._session, self._owns_session = session, owns_session
        self.backend = backend
        self.deadline_seconds = deadline_seconds
        self.inputs, self.outputs = _specs(self._folder, kind)

    inputs: tuple[TensorSpec, ...]
    """By name and in order, with dtype and shape."""
    outputs: tuple[TensorSpec, ...]

    def __enter__(self) -> BrowserModel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        names = (", ".join(spec.name for spec in specs) for specs in (self.inputs, self.outputs))
        return f"BrowserModel({self._folder.name} on {self.backend}: {' -> '.join(names)})"

    def predict(self, *values: Values) -> Outputs:
        """Run the model once: an array for each input in order (or a list of them), or one mapping of arrays by input name.

        Values are cast to the input's dtype where nothing is lost. Raises ``BadInputs``, ``BrowserJobFailed``,
        ``BackendUnavailable``, ``BrowserMissing``.
        """
        return self.predict_many([values[0] if len(values) == 1 else values])[0]

    def predict_many(self, samples: Sequence[Values]) -> list[Outputs]:
        """Run the model once for each sample, in one page: an array, a tuple of arrays, or a mapping by input name."""
        calls = [self._named(sample) for sample in samples]
        predictions = self._session.predict(self._folder, self.backend, calls, deadline_seconds=self.deadline_seconds)
        return [Outputs(each.outputs, each.environment) for each in predictions]

    def close(self) -> None:
        """End the browser, if it was started for this model."""
        if self._owns_session:
            self._session.close()

    def _named(self, sample: Values) -> dict[str, Array]:
        names = [spec.name for spec in self.inputs]
        if not isinstance(sample, Mapping):
            several = isinstance(sample, tuple) or (isinstance(sample, list) and len(names) > 1)
            given = tuple(sample) if several else (sample,)
            if len(given) != len(names):
                raise BadInputs(
                    f"the model has {plural(len(names), 'input')}; given: {plural(len(given), 'array')}",
                    hint=f"Its inputs are, in order: {', '.join(map(repr, names))}. Give as many, or a mapping by name.",
                )
            sample = dict(zip(names, given, strict=True))
        if set(sample) != set(names):
            raise BadInputs(
                f"the model takes {', '.join(map(repr, names))}, given were {', '.join(map(repr, sample))}",
                hint="Give an array for each input, by its name or in order.",
            )
        return {spec.name: _fitting(spec, sample[spec.name]) for spec in self.inputs}


def _fitting(spec: TensorSpec, value: Values) -> Array:
    where = f"input {spec.name!r}"
    array = np.asarray(value)
    if spec.dtype != UNKNOWN:
        array = fit_dtype(array, dtype=spec.dtype, where=where)
    if not _fits(array.shape, spec.shape):
        raise BadInputs(
            f"{where} is {show_shape(array.shape)}, the model wants {show_shape(spec.shape)}",
            hint="A dimension shown as ? may have any size; the first one mostly counts the samples.",
        )
    return array


def _fits(have: tuple[int, ...], want: Shape) -> bool:
    return want is None or (
        len(have) == len(want) and all(w is None or h == w for h, w in zip(have, want, strict=True))
    )


def _folder_of(path: Path) -> Path:
    folder = path.parent if path.name == "model.json" else path
    if not (folder / "model.json").is_file():
        raise MissingModel(
            f"{path.name} is not a TensorFlow.js model: it has no model.json",
            hint="Give the folder that holds model.json and its shards, or model.json itself.",
        )
    return folder


def _specs(folder: Path, kind: Kind) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    found = format_in(folder / "model.json")
    if found != kind and found in (GRAPH_MODEL, LAYERS_MODEL):
        right = "load_layers_model" if found == LAYERS_MODEL else "load_graph_model"
        raise UsageError(f"{folder.name} is a {found}, not a {kind}", hint=f"Use {right}.")
    if kind == LAYERS_MODEL:
        return specs_of(read_web_model(folder))
    return specs_in(read_document(folder / "model.json", GRAPH_MODEL))
