"""Arrays by the names of a model's inputs: a mapping that a program hands in, or a file, which may hold more than that."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfjsci.errors import BadInputs
from tfjsci.graph.graph import Array
from tfjsci.inputs.files import read_array
from tfjsci.manifest.resolved import InputFile

_HOW_TO_SAVE = "Write it with numpy.savez(path, image=array, …): a name for each input, no objects."


class ArraysIn(Mapping[str, Array]):
    """The arrays of an ``.npz`` by their names, or the one of an ``.npy`` by its file's; each is read when it is asked for.

    Raises ``BadInputs``: for an ``.npz`` that can't be opened at once, for an array that can't be read when it is asked for.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._named = path.suffix == ".npz" or zipfile.is_zipfile(path)
        self._names = _names_in(path) if self._named else [path.stem]

    def file(self, name: str) -> InputFile:
        """One of them, as an input's file."""
        return InputFile(path=self._path, key=name if self._named else None, text=str(self._path))

    def __getitem__(self, name: str) -> Array:
        if name not in self._names:
            raise KeyError(name)
        return read_array(self.file(name), name=name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True, kw_only=True)
class ByInput:
    """``names``: of each input that there is an array for, the array's among those ``given``. ``ignored``: arrays of a file that
    no input takes.
    """

    given: Mapping[str, Any]
    names: Mapping[str, str]
    ignored: tuple[str, ...] = ()
    purpose: str

    def arrays(self) -> dict[str, Array]:
        """The inputs' arrays, by the inputs' names. Raises ``BadInputs`` for one that can't be read."""
        return {name: np.asarray(self.given[own]) for name, own in self.names.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader should know: the arrays that are ignored."""
        listed = ", ".join(map(repr, self.ignored))
        return (f"ignored of the arrays {self.purpose}, as no input is called so: {listed}",) if listed else ()


def by_input(given: Mapping[str, Any], inputs: Sequence[str], *, purpose: str, complete: bool = True) -> ByInput:
    """Which of the arrays is which input's: the one of its name. A file's only array is the only input's, whatever its name.

    A file may hold more than the inputs, such as labels; a program that hands in more has made a mistake. ``purpose``: what
    they are for, such as ``to verify with``. Raises ``BadInputs`` for an input without an array (unless not ``complete``, and
    no array is left that may have been meant for it), and for an array of a program's that no input takes.
    """
    from_file = isinstance(given, ArraysIn)
    if from_file and len(given) == len(inputs) == 1:
        return ByInput(given=given, names=dict(zip(inputs, given, strict=True)), purpose=purpose)
    missing = [name for name in inputs if name not in given]
    others = tuple(name for name in given if name not in inputs)
    if missing and (complete or others):
        there = f" There is also {', '.join(map(repr, others))}." if others else ""
        raise BadInputs(
            f"the arrays {purpose} lack input {missing[0]!r}",
            hint=f"Give an array for each input: {', '.join(map(repr, inputs))}.{there}",
        )
    if others and not from_file:
        told = f"It has {', '.join(map(repr, inputs))}." if inputs else "It has none."
        raise BadInputs(f"the model has no input {others[0]!r} {purpose}", hint=told)
    own = {name: name for name in inputs if name in given}
    return ByInput(given=given, names=own, ignored=others, purpose=purpose)


def _names_in(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return list(dict.fromkeys(info.filename.removesuffix(".npy") for info in archive.infolist()))
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        raise BadInputs(f"{path.name} can't be read as an .npz: {error}", hint=_HOW_TO_SAVE) from error
