"""``--custom-objects MODULE:NAME``, and a manifest's: classes and functions that a Keras file needs and Keras hasn't got.

They are code that comes with a model, so nothing is imported before the command was told ``--allow-code``.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from tfjsci.errors import CodeRefused, ConversionFailed, TfjsciError, UsageError
from tfjsci.escape import one_line
from tfjsci.graph.tensorflow import keras
from tfjsci.importing import FolderModules
from tfjsci.manifest.resolved import CustomObject
from tfjsci.nearest import did_you_mean
from tfjsci.quoted import quoted

_TEXT = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)", re.ASCII)


class FolderObjects(dict[str, Any]):
    """Objects by name, and the modules of the folder that theirs may import as late as when a model is traced."""

    def __init__(self, objects: Mapping[str, Any], modules: FolderModules) -> None:
        super().__init__(objects)
        self.modules = modules


def importable_with(objects: Mapping[str, Any]) -> AbstractContextManager[None]:
    """Open while what the objects themselves import is to be found."""
    return objects.modules.importable() if isinstance(objects, FolderObjects) else nullcontext()


class _Asked(NamedTuple):
    """How they were asked for: where, in which folder a module may lie and how that is told, and what is raised."""

    option: str
    folder: Path
    place: str
    error: type[TfjsciError]


def imported(texts: Sequence[str], *, allow_code: bool) -> dict[str, Any]:
    """``layers:Scale`` -> ``Scale`` of the module ``layers``, by its name.

    Raises ``UsageError``: code isn't allowed, there is no such module or name, or the module itself fails.
    """
    if not texts:
        return {}
    if not allow_code:
        raise UsageError(
            "--custom-objects are code, which isn't run without --allow-code",
            hint="Read it, then give --allow-code, too. Code inside of the model file runs then as well.",
        )
    return _imported(texts, _Asked("--custom-objects", Path.cwd(), "in the current folder", UsageError))


def imported_of_manifest(objects: Sequence[CustomObject], *, allow_code: bool) -> dict[str, Any]:
    """The same for those of a manifest.

    Raises ``CodeRefused``: code isn't allowed; ``ConversionFailed``: there is no such module or name, or the module itself fails.
    """
    if not objects:
        return {}
    if not allow_code:
        raise CodeRefused(
            "custom_objects of the manifest's are Python code, which isn't run without --allow-code: "
            + ", ".join(each.text for each in objects),
            hint="Read them, then run with --allow-code (of the action: allow-code: true). The model file's code runs then, too.",
        )
    asked = _Asked("custom_objects", objects[0].folder, "beside the manifest", ConversionFailed)
    return _imported([each.text for each in objects], asked)


def _imported(texts: Sequence[str], asked: _Asked) -> dict[str, Any]:
    parts = [_parts(text, asked) for text in texts]
    keras()  # first, with its switches set: their module will import it
    modules = FolderModules(asked.folder)
    with modules.importable():
        found = {name: _named(_module(module, asked), name, asked) for module, name in parts}
    return FolderObjects(found, modules)


def _parts(text: str, asked: _Asked) -> tuple[str, str]:
    found = _TEXT.fullmatch(text)
    if found is None:
        raise asked.error(
            f"{asked.option} {one_line(text)!r} is not MODULE:NAME",
            hint="Write it as in layers:Scale: the class Scale of layers.py.",
        )
    return found[1], found[2]


def _module(name: str, asked: _Asked) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # whatever their code raises
        missing = (
            isinstance(error, ModuleNotFoundError)
            and error.name is not None
            and f"{name}.".startswith(f"{error.name}.")
        )
        raise asked.error(
            f"{asked.option}: there is no module {name!r}"
            if missing
            else f"{asked.option}: importing {name!r} failed: {type(error).__name__}: {quoted(error)}",
            hint=f"A module is installed, or lies {asked.place}: layers:Scale is the class Scale of layers.py.",
        ) from error


def _named(module: ModuleType, name: str, asked: _Asked) -> Any:
    found = getattr(module, name, None)
    if not callable(found):
        names = [each for each, value in vars(module).items() if callable(value) and not each.startswith("_")]
        raise asked.error(
            f"{asked.option}: {module.__name__} has no class or function {name!r}.{did_you_mean(name, names)}",
            hint=f"It has {', '.join(sorted(names)[:20]) or 'none'}.",
        )
    return found
