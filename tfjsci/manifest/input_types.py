"""What the manifest may say of inputs: files, images, chance, and the right classes of the samples."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from tfjsci.manifest.forms import NotBoolean, Short, Unique
from tfjsci.manifest.section import Section
from tfjsci.manifest.values import ArrayFile, ByChannel, Deviations, Number, Positive, Range, Text

RandomDType = Literal[
    "float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "int64"
]  # fmt: skip


class Images(Section):
    """Images of one size, as the model wants them. The short form is the path alone."""

    path: Text
    """A folder, or a pattern such as `photos/*.jpg` or `photos/**/*.png`, relative to the manifest. Of a folder the
    `.png`, `.jpg`, `.jpeg`, `.webp`, `.bmp` and `.gif` files; always in the order of their paths."""
    resize: Annotated[list[Positive], Field(min_length=2, max_length=2)] | None = None
    """`[height, width]`, bilinear and without keeping the proportions; by default the model's own size, where it is fixed."""
    channels: Annotated[Literal[1, 3, 4], NotBoolean()] | None = None
    """Grey, colours, or colours with alpha; by default the model's own, else 3."""
    layout: Literal["NHWC", "NCHW"] = "NHWC"
    """Where the channels go: last, as TensorFlow has it, or before height and width."""
    range: Range | None = None
    """`[low, high]`: what 0 and 255 become. Without it and the next three, pixels stay 0 to 255."""
    scale: Number | None = None
    """What each pixel is multiplied by, first: 0.00392156862745098 for 1/255."""
    mean: ByChannel | None = None
    """What is then subtracted: one number, or one for each channel."""
    std: Deviations | None = None
    """What it is divided by at last: one number, or one for each channel."""


class Draw(Section):
    """How this input is drawn at random; the seed is `random`'s. The short form is the distribution alone."""

    distribution: Literal["uniform", "normal", "integers"]
    """`uniform` between the ends of a range; `normal`; `integers`: whole numbers of a range, all equally likely, also in an
    input of floats."""
    range: Range | None = None
    """`[low, high]`, for `uniform` and `integers`: low is included, high isn't. By default that of the input's dtype."""
    mean: Number | None = None
    """For `normal`; by default 0."""
    std: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """For `normal`; by default 1."""


class Input(Section):
    """Where an input's values come from: a file, images, or chance. The short form is a file's path alone."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [one]} for one in ("file", "images", "random")]}
    )

    file: ArrayFile | None = None
    """An `.npz`, `.npy`, `.csv` or `.jsonl` file, relative to the manifest. The first dimension, or the rows, count the
    samples. A CSV file's first line has the names of its columns; a JSONL file has an object a line."""
    key: Text | None = None
    """The array's name inside the `.npz`; by default the input's own name, or the only array."""
    columns: Annotated[list[Text], Field(min_length=1), Unique()] | None = None
    """Columns of the `.csv` or `.jsonl`; by default that of the input's own name, or the only one. Several make a row of
    numbers for each sample."""
    images: Annotated[Images, Short("path")] | None = None
    """In place of `file`: a folder of images, or a pattern."""
    random: Annotated[Draw, Short("distribution")] | None = None
    """In place of `file`: how it is drawn."""
    samples: Positive | None = None
    """Only so many samples of the file or the folder, the first ones."""


class Labels(Section):
    """The right class of each sample, counted from 0: then the accuracy (top-1) of the original, the float artifact and each
    variant is measured. The short form is the path alone."""

    file: ArrayFile
    """An `.npz`, `.npy`, `.csv` or `.jsonl` file, relative to the manifest, with a whole number for each sample."""
    key: Text | None = None
    """The array's name inside the `.npz`; by default `labels`, or the only array."""
    column: Text | None = None
    """The column of the `.csv` or `.jsonl`; by default `labels`, or the only one."""
    output: Text | None = None
    """Which output has the classes; by default the only one that can."""
    samples: Positive | None = None
    """Only so many labels, the first ones."""


class Random(Section):
    """Inputs that no file gives are drawn at random, the same ones in every run."""

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    """Another seed gives other values."""
    ranges: dict[RandomDType, Range] = {}
    """`[low, high]` by the input's dtype; low is included, high isn't. By default `[0, 1]` for floats, `[0, 256]` for
    uint8 and `[0, 10]` for the other integers."""
    batches: Annotated[int, Field(ge=1, le=10_000)] = 1
    """How many calls to compare, each with values of its own, where no file says how many there are."""
