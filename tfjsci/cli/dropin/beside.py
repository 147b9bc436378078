"""A model into a folder that holds other things as well, as upstream writes it; they are left alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tfjsci.artifact.place import is_part, require_replaceable
from tfjsci.artifact.write import unwritable
from tfjsci.conversion.conversion import Conversion
from tfjsci.errors import UsageError


def written_beside(output: Path, convert: Callable[[Path], Conversion]) -> Conversion:
    """``convert`` into ``output``; where that holds other files, beside them: model.json comes last, old shards go.

    Raises what ``convert`` raises, and ``OutputUnwritable``.
    """
    try:
        require_replaceable(output)
    except UsageError:
        pass  # it holds other files: they are to stay
    else:
        return convert(output)
    try:
        with tempfile.TemporaryDirectory(prefix=".tfjsci-", dir=output) as temporary:
            made = convert(Path(temporary) / "model")
            new = [name for name in made.files if name != "model.json"]
            old = [path for path in output.iterdir() if is_part(path.name) and path.name != "model.json"]
            for name in [*new, "model.json"]:
                (Path(temporary) / "model" / name).replace(output / name)
            for path in old:
                if path.name not in new:
                    path.unlink()
    except OSError as error:
        raise unwritable(output, error) from error
    return replace(made, path=output)
