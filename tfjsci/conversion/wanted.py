"""What a conversion is asked for: the same for every source, so that a source and a folder are all that differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from tfjsci.artifact.quantize import Quantizations, each_of
from tfjsci.artifact.write import SHARD_BYTES
from tfjsci.conversion.searched import AutoWanted
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import UsageError
from tfjsci.format.metadata import RESERVED
from tfjsci.load.load import LoadOptions

BackFormat = Literal["saved_model", "frozen", "h5", "keras"]
"""What a TF.js model may be turned back into."""

OutputFormat = Literal["graph", "layers", "auto", "saved_model", "frozen", "h5", "keras"]
"""What is made: a graph model, a layers model, the latter where it can be; or, of a TF.js model, one of ``BackFormat``."""

BACK: tuple[BackFormat, ...] = get_args(BackFormat)

OUTPUT_FORMATS: tuple[OutputFormat, ...] = get_args(OutputFormat)


@dataclass(frozen=True, kw_only=True)
class Verify:
    """Run the result in the browser against the original on ``backends``.

    ``inputs`` are arrays (or what numpy makes one of) by input name; without them values are random, from ``seed``. Each
    backend has ``deadline_seconds``.
    """

    backends: tuple[Backend, ...]
    inputs: Mapping[str, Any] | None = None
    seed: int = 0
    deadline_seconds: float = 120.0


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How a model is to be converted. ``verify`` None: it isn't run. ``calibration``: samples by input name, or None.

    ``optimizer``: what an optimizer keeps goes along into a layers model.
    ``auto``: the schemes are searched for; there are no ``quantizations`` then. ``say`` hears what the search is at.
    """

    input_format: str = "auto"
    output_format: OutputFormat = "graph"
    options: LoadOptions = field(default_factory=LoadOptions)
    backends: tuple[Backend, ...] = BACKENDS
    quantizations: Quantizations = None
    calibration: Mapping[str, Any] | None = None
    auto: AutoWanted | None = None
    shard_bytes: int = SHARD_BYTES
    keep_debug_ops: bool = False
    without_rules: tuple[str, ...] = ()
    unroll_loops: int | None = None
    skip_op_check: bool = False
    metadata: Mapping[str, Any] = field(default_factory=dict)
    structured_outputs: bool = False
    split_by_layer: bool = False
    optimizer: bool = True
    verify: Verify | None = None
    say: Callable[[str], None] = lambda _: None

    def require_consistent(self) -> None:
        """Raises ``UsageError`` where two wishes exclude each other."""
        if self.output_format in BACK:
            self._require_of_the_way_back()
        if self.options.input_shapes and self.output_format == "layers":
            raise UsageError(
                "the inputs of a layers model can't be pinned",
                hint="Make a graph model, or leave the input shapes out.",
            )
        if self.options.custom_objects and not self.options.allow_code:
            raise UsageError(
                "custom objects are code of the model's author, which isn't run unless that is allowed",
                hint="Read it, then give --allow-code (allow_code=True in Python), too.",
            )
        if self.calibration is not None:
            self._require_something_to_calibrate()
        if self.auto is not None and self.output_format != "graph":
            raise UsageError(
                f"schemes are searched for in a graph model, not in one of the output format {self.output_format}",
                hint='Leave the output format out, or give output_format="graph".',
            )
        if self.options.state_as_io and self.output_format != "graph":
            raise UsageError(
                f"state as inputs and outputs is for graph models, not for {self.output_format}",
                hint='Leave the output format out, or give output_format="graph".',
            )
        if reserved := sorted(RESERVED & self.metadata.keys()):
            raise UsageError(
                f"the metadata's key {reserved[0]!r} is TensorFlow.js' own: the runtime would read it",
                hint="Rename it.",
            )

    def _require_something_to_calibrate(self) -> None:
        if not self.quantizations:
            raise UsageError("only a quantised model is calibrated", hint="Say how it is to be quantised, too.")
        if any(each.scheme.exact_upstream for each in each_of(self.quantizations)):
            raise UsageError(
                "exact_upstream says how codes are chosen, and so does calibrating", hint="Take one of the two out."
            )
        if self.output_format != "graph":
            raise UsageError(
                f"a graph model is calibrated, not one of the output format {self.output_format}",
                hint='Leave the output format out, or give output_format="graph".',
            )

    def _require_of_the_way_back(self) -> None:
        """What is about TF.js models alone is of no use where none is made."""
        asked = {
            "quantisation": self.quantizations,
            "verification in a browser": self.verify,
            "metadata": self.metadata,
            "an architecture": self.options.architecture,
            "custom objects": self.options.custom_objects,
        }
        if useless := [name for name, value in asked.items() if value]:
            raise UsageError(
                f"{self.output_format} isn't a TensorFlow.js model, so there is no {useless[0]} of it",
                hint="Leave it out, or make a graph model.",
            )
