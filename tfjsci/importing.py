"""Importing code that isn't installed: modules that lie in a folder of the user's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType


class FolderModules:
    """Modules of a folder, which can be imported while :meth:`importable` is open, after all others.

    They leave no ``__pycache__`` there, and a module of the same name in another folder is another one afterwards. Opened
    again, those that were imported before are the same ones.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._imported: dict[str, ModuleType] = {}

    @contextmanager
    def importable(self) -> Iterator[None]:
        """Meanwhile ``import`` looks in the folder, too."""
        state: tuple[list[str], bool] = list(sys.path), sys.dont_write_bytecode
        before = set(sys.modules)
        sys.modules.update({name: module for name, module in self._imported.items() if name not in before})
        sys.path.append(str(self._folder))
        sys.dont_write_bytecode = True
        try:
            yield
        finally:
            sys.path[:], sys.dont_write_bytecode = state
            for name in set(sys.modules) - before:
                file = getattr(sys.modules[name], "__file__", None)
                if file is not None and Path(file).is_relative_to(self._folder):
                    self._imported[name] = sys.modules.pop(name)


def importing_from(folder: Path) -> AbstractContextManager[None]:
    """The same for one time."""
    return FolderModules(folder).importable()
