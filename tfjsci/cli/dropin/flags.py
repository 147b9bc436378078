"""The flags of ``tensorflowjs_converter`` 4.22.0, read as they are meant: booleans are booleans, paths may have spaces.

Source: tensorflowjs 4.22.0, ``converters/converter.py``: its argument parser's names, defaults and meanings.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tfjsci._version import __version__
from tfjsci.errors import UsageError
from tfjsci.escape import one_line

QUANTIZE = ("quantize_float16", "quantize_uint8", "quantize_uint16")

_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0", "")

SWITCHES = ("split_weights_by_layer", "skip_op_check", "strip_debug_ops", "use_structured_outputs_names", "control_flow_v2",
            "experiments")  # fmt: skip
"""Flags that are on or off: alone, or with ``=True`` and ``=False``."""

INPUT_FORMATS = (
    "auto", "keras", "keras_keras", "keras_saved_model", "tf_saved_model", "tf_hub", "tf_frozen_model", "tfjs_layers_model",
    "tfjs_graph_model",
)  # fmt: skip
"""Upstream's, and two that it hasn't: ``auto`` and ``tfjs_graph_model``."""

OUTPUT_FORMATS = (
    "tfjs_graph_model", "tfjs_layers_model", "keras", "keras_keras", "keras_saved_model", "tf_saved_model", "tf_frozen_model",
)  # fmt: skip
"""Upstream's, and two that it hasn't: back to ``tf_saved_model`` and ``tf_frozen_model``."""


def read_flags(argv: Sequence[str]) -> argparse.Namespace:
    """The command line; a wrong one ends the process with code 2, as argparse does it.

    Upstream's ``--quantize_uint8 model.h5 out`` takes the model for a pattern; here a pattern that leaves no output path is
    none.
    """
    arguments = _plain_switches(argv)
    given = _parser().parse_args(arguments)
    if given.output_path is None and given.input_path is not None:
        given = _parser().parse_args([f"{arg}=*" if arg.lstrip("-") in QUANTIZE else arg for arg in arguments])
    return given


def _plain_switches(argv: Sequence[str]) -> list[str]:
    """``--skip_op_check in out`` has no value; ``--skip_op_check False`` has one."""
    plain: list[str] = []
    for i, arg in enumerate(argv):
        after = argv[i + 1] if i + 1 < len(argv) else "-"
        is_switch = arg.startswith("--") and arg[2:] in SWITCHES
        plain.append(f"{arg}=True" if is_switch and after.lower() not in (*_TRUE, *_FALSE) else arg)
    return plain


def boolean(text: str) -> bool:
    """``True``, ``false``, ``1``, ``no``. Raises what argparse turns into a message."""
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise argparse.ArgumentTypeError(f"{one_line(text)!r} is neither True nor False")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tensorflowjs_converter",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Convert models to TensorFlow.js, with the flags of the tensorflowjs package. This command is "
        f"tfjsci's ({__version__}): see `tfjsci convert --help` for all that it can.",
    )
    add = parser.add_argument
    add("input_path", nargs="?", help="File, folder, hub address or handle to read.")
    add("output_path", nargs="?", help="Folder to write; a file where the output is keras or keras_keras.")
    add(
        "--input_format",
        choices=INPUT_FORMATS,
        default="auto",
        help="What is read; auto (the default): it is looked at.",
    )
    add(
        "--output_format",
        choices=OUTPUT_FORMATS,
        help="What is written; by default what upstream writes for the input.",
    )
    add("--signature_name", help="Signature of a SavedModel or hub module.")
    add("--saved_model_tags", help="Tags of a SavedModel's graph, with commas between.")
    for flag in QUANTIZE:
        add(f"--{flag}", nargs="?", const="*", metavar="PATTERNS", help=f"Weights to store as {flag[9:]}: patterns with "
            "commas between, * for any characters; without a value, all.")  # fmt: skip
    add(
        "--quantization_bytes",
        type=int,
        choices=(1, 2),
        help="Deprecated: --quantize_uint8 (1), --quantize_uint16 (2).",
    )
    add(
        "--split_weights_by_layer",
        type=boolean,
        default=False,
        help="Each layer of a layers model in files of its own.",
    )
    add("--weight_shard_size_bytes", type=int, default=4 << 20, help="Largest weight file, in bytes.")
    add("--skip_op_check", type=boolean, default=False, help="Write the model even if it has ops that can't run.")
    add("--strip_debug_ops", type=boolean, default=True, help="Take Print and CheckNumerics out (the default).")
    add("--use_structured_outputs_names", type=boolean, default=False, help="Let predict give the outputs by name.")
    add("--control_flow_v2", type=boolean, help="Without effect: loops and branches are always kept as functions.")
    add("--experiments", type=boolean, help="Without effect.")
    add("--output_node_names", help="Outputs of a frozen graph, with commas between.")
    add("--metadata", help="JSON files for userDefinedMetadata: key:file.json, with commas between.")
    add("--output_json", help="Deprecated: the output path is the folder.")
    add("--version", "-v", action="version", version=_versions(), help="Say the versions, and end.")
    return parser


def _versions() -> str:
    lines = [f"tensorflowjs_converter of tfjsci {__version__}", "", "Dependency versions:"]
    return "\n".join([*lines, *(f"  {package} {_version_of(package)}" for package in ("keras", "tensorflow"))])


def _version_of(package: str) -> str:
    for name in (package, f"{package}-cpu"):
        with suppress(PackageNotFoundError):
            return version(name)
    return "(not installed)"


def quantizations(given: argparse.Namespace) -> dict[str, list[str]]:
    """Patterns by dtype. Raises ``UsageError`` where upstream does: two flags for all weights, or two ways at once."""
    found = {flag.removeprefix("quantize_"): _listed(getattr(given, flag)) for flag in QUANTIZE if getattr(given, flag)}
    if given.quantization_bytes is not None:
        if found:
            raise UsageError(
                "--quantization_bytes and --quantize_… say the same twice", hint="Leave --quantization_bytes out."
            )
        return {"uint8" if given.quantization_bytes == 1 else "uint16": ["*"]}
    everything = [dtype for dtype, patterns in found.items() if patterns == ["*"]]
    if len(everything) > 1:
        raise UsageError(
            f"all weights are to be {' and '.join(everything)}", hint="Give patterns to all of these flags but one."
        )
    return found


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def names(text: str | None) -> tuple[str, ...]:
    """``a, b`` -> both."""
    return tuple(_listed(text))


def deprecations(given: argparse.Namespace) -> list[str]:
    """What the reader should change, or know to have no effect."""
    told: list[str] = []
    asked: dict[str, Any] = vars(given)
    if asked["quantization_bytes"] is not None:
        dtype = "uint8" if given.quantization_bytes == 1 else "uint16"
        told.append(f"--quantization_bytes is deprecated: say --quantize_{dtype}")
    if asked["output_json"] is not None:
        told.append("--output_json is deprecated and has no effect: model.json lies in the output path")
    if asked["control_flow_v2"] is not None:
        told.append("--control_flow_v2 has no effect: loops and branches are always kept as functions")
    if asked["experiments"]:
        told.append("--experiments has no effect")
    return told
