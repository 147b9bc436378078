"""What single values of the manifest may be: text and names, numbers and their bounds, quantities, values by backend."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints

from tfjsci.dtypes import Backend, Level
from tfjsci.manifest.forms import Ascending, OffIsFalse, OneOrMore, Quantity, Short, ShortLimit
from tfjsci.units import parse_bytes, parse_milliseconds, parse_seconds

_SIZE_UNIT = r"([bB]|[kKmMgG][iI]?[bB])"
_TIME_UNIT = r"([mM][sS]|[sS]([eE][cC])?|[mM]([iI][nN])?|[hH])"
SIZE = Quantity("size", parse_bytes, _SIZE_UNIT, "bytes, or a number with B, kB, MB, GB, KiB, MiB or GiB.")
TIME = Quantity("time", parse_milliseconds, _TIME_UNIT, "milliseconds, or a number with ms, s, min or h.")
DURATION = Quantity("duration", parse_seconds, _TIME_UNIT, "seconds, or a number with ms, s, min or h.")
Bytes = Annotated[int, SIZE]
Milliseconds = Annotated[float, TIME]

Text = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A path or a name inside a model: anything but control characters."""
FUNCTION_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$"
Function = Annotated[str, StringConstraints(pattern=FUNCTION_PATTERN)]
"""``module:function``, as entry points are written."""
OpName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.>]{0,99}$")]
"""As TensorFlow writes them, with ``Library>`` before it or without."""
Script = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*\.js$")]
ArrayFile = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*\.(np[yz]|csv|jsonl)$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
"""Becomes a folder's name."""
Version = Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
REF_PATTERN = r"^[^\x00-\x20\x7f:?*\[\\-][^\x00-\x20\x7f:?*\[\\]{0,199}$"
"""What git could take for a commit; no option, no range of files, no pattern."""
Ref = Annotated[str, StringConstraints(pattern=REF_PATTERN)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Distance = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Cosine = Annotated[float, Field(ge=-1, le=1)]
Positive = Annotated[int, Field(ge=1)]
Range = Annotated[list[Number], Field(min_length=2, max_length=2), Ascending()]
ByChannel = Annotated[list[Number], Field(min_length=1, max_length=4), OneOrMore()]
Deviations = Annotated[
    list[Annotated[float, Field(gt=0, allow_inf_nan=False)]], Field(min_length=1, max_length=4), OneOrMore()
]

T = TypeVar("T")
PerBackend = Annotated[dict[Literal[Backend, "default"], T], Short("default")]
LimitPerBackend = Annotated[dict[Literal[Backend, "default"], T], ShortLimit("default")]
PerVariant = Annotated[dict[Name, T], Short("default")]
LevelValue = Annotated[Level, OffIsFalse()]
