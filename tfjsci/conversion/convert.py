"""A source to a folder: a graph model, a layers model, or a TF.js model's way back; or several signatures, all or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tfjsci.artifact.place import require_replaceable
from tfjsci.artifact.write import whole_or_not_at_all
from tfjsci.conversion.conversion import Conversion
from tfjsci.conversion.given import Given
from tfjsci.conversion.graph_model import graph_of, write_graph
from tfjsci.conversion.layers_model import convert_to_layers
from tfjsci.conversion.wanted import BACK, Wanted

if TYPE_CHECKING:
    from tfjsci.browser.protocol import Session
    from tfjsci.converter import Converted


def convert(
    given: Given, output: Path, wanted: Wanted, *, session: Callable[[], Session], told: Callable[[Converted], None]
) -> Conversion:
    """Convert one model into the folder ``output``, whole or not at all.

    ``session`` is asked for a browser when there is something to prove; ``told`` hears what was converted (graph models)
    once it is written. Raises what :func:`tfjsci.api.convert` says.
    """
    wanted.require_consistent()
    if wanted.output_format in BACK:
        from tfjsci.conversion.back import convert_back

        return convert_back(given, output, wanted, wanted.output_format)
    require_replaceable(output)
    notes: list[str] = []
    if wanted.output_format != "graph" and not wanted.options.input_shapes:
        made = convert_to_layers(given, output, wanted, session=session)
        if isinstance(made, Conversion):
            return made
        notes.append(made)
    converted = graph_of(given, wanted)
    conversion = write_graph(given, converted, output, wanted, session=session, notes=notes)
    told(converted)
    return conversion


def convert_signatures(
    given: Given,
    output: Path,
    signatures: Sequence[str],
    wanted: Wanted,
    *,
    session: Callable[[], Session],
    told: Callable[[Converted], None],
) -> dict[str, Conversion]:
    """Each signature into a folder of its own below ``output``: all of them, or nothing is written."""
    from tfjsci.conversion.folders import folders_of, no_empty

    wanted.require_consistent()
    folders = folders_of(output, signatures)
    for folder in folders.values():
        require_replaceable(folder)
    made = {
        name: graph_of(given, replace(wanted, options=replace(wanted.options, signature=name))) for name in signatures
    }
    done: dict[str, Conversion] = {}
    with no_empty(output), ExitStack() as places:
        for name, converted in made.items():
            temporary = places.enter_context(whole_or_not_at_all(folders[name]))
            done[name] = replace(write_graph(given, converted, temporary, wanted, session=session), path=folders[name])
    for converted in made.values():
        told(converted)
    return done
