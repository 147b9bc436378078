"""Whether what an optimizer keeps goes along into a layers model: several times the weights' bytes, for who trains on."""

from __future__ import annotations

from dataclasses import replace

from tfjsci.conversion.wanted import Wanted
from tfjsci.layers.layers_model import LayersModel
from tfjsci.units import show_bytes


def with_optimizer_as(model: LayersModel, wanted: Wanted) -> LayersModel:
    """``model`` with the optimizer's weights or without, and with a note of that."""
    if model.optimizer is None:
        return model
    if wanted.optimizer and wanted.quantizations is None:
        size = show_bytes(model.optimizer.size_bytes)
        told = (
            f"the optimizer's weights ({model.optimizer.name}, {size}) go along, for training to go on (--no-optimizer)"
        )
        return replace(model, notes=(*model.notes, told))
    why = ": nobody trains on from quantised weights" if wanted.optimizer else ""
    return replace(model, optimizer=None, notes=(*model.notes, f"the optimizer's weights are left out{why}"))
