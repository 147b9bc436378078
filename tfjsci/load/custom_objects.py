"""``--custom-objects MODULE:NAME``, and a manifest's: classes and functions that a Keras file needs and Keras hasn't got.

They are code that comes with a model, so nothing is imported before the command was told ``--allow-code``.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from tfjsci.errors import CodeRefused, ConversionFailed, UsageError
from tfjsci.escape import one_line
from tfjsci.graph.tensorflow import keras
from tfjsci.importing import importing_from
from tfjsci.manifest.resolved import CustomObject
from tfjsci.nearest import did_you_mean
from tfjsci.quoted import quoted

_TEXT = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)", re.ASCII)


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
    return _imported(texts, Path.cwd())


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
    try:
        return _imported([each.text for each in objects], objects[0].folder)
    except UsageError as error:
        raise ConversionFailed(
            error.message.replace("--custom-objects", "custom_objects", 1),
            hint=error.hint and error.hint.replace("in the current folder", "beside the manifest"),
        ) from error


def _imported(texts: Sequence[str], folder: Path) -> dict[str, Any]:
    parts = [_parts(text) for text in texts]
    keras()  # first, with its switches set: their module will import it
    with importing_from(folder):
        return {name: _named(_module(module), name) for module, name in parts}


def _parts(text: str) -> tuple[str, str]:
    found = _TEXT.fullmatch(text)
    if found is None:
        raise UsageError(
            f"--custom-objects {one_line(text)!r} is not MODULE:NAME",
            hint="Write it as in layers:Scale: the class Scale of layers.py.",
        )
    return found[1], found[2]


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # whatever their code raises
        missing = (
            isinstance(error, ModuleNotFoundError)
            and error.name is not None
            and f"{name}.".startswith(f"{error.name}.")
        )
        raise UsageError(
            f"--custom-objects: there is no module {name!r}"
            if missing
            else f"--custom-objects: importing {name!r} failed: {type(error).__name__}: {quoted(error)}",
            hint="A module is installed, or lies in the current folder: layers:Scale is the class Scale of layers.py.",
        ) from error


def _named(module: ModuleType, name: str) -> Any:
    found = getattr(module, name, None)
    if not callable(found):
        names = [each for each, value in vars(module).items() if callable(value) and not each.startswith("_")]
        raise UsageError(
            f"--custom-objects: {module.__name__} has no class or function {name!r}.{did_you_mean(name, names)}",
            hint=f"It has {', '.join(sorted(names)[:20]) or 'none'}.",
        )
    return found
