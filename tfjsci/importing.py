"""Importing code that isn't installed: modules that lie in a folder of the user's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def importing_from(folder: Path) -> Iterator[None]:
    """Modules of the folder can be imported meanwhile, after all others.

    They leave no ``__pycache__`` there, and a module of the same name in another folder is another one afterwards.
    """
    state: tuple[list[str], bool] = list(sys.path), sys.dont_write_bytecode
    before = set(sys.modules)
    sys.path.append(str(folder))
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.path[:], sys.dont_write_bytecode = state
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file is not None and Path(file).is_relative_to(folder):
                del sys.modules[name]
