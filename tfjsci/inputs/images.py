"""A folder of images as one array: the files in the order of their paths, each read, resized and normalised alike.

Pillow decodes, and nothing but plain formats of 8 bits a channel, never more than ``MAX_PIXELS`` of them: an image's header
is read before its pixels. A photo is turned as its EXIF data says, as a browser's ``<img>`` turns it.
"""

from __future__ import annotations

import glob
import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tfjsci.errors import BadInputs
from tfjsci.graph.graph import Shape
from tfjsci.inputs.files import MAX_ARRAY_BYTES
from tfjsci.listed import plural
from tfjsci.manifest.resolved import ImageFiles

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")
MAX_PIXELS = 100_000_000
"""Of one image; a phone's camera has half of it."""

_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "WEBP")
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_WIDER_THAN_8_BITS = ("I", "F")
"""How the names of Pillow's modes begin that hold more; made into 8 bits they would be cut off, not scaled."""


def read_images(files: ImageFiles, *, name: str, shape: Shape, dtype: str) -> npt.NDArray[np.generic]:
    """The images as ``[n, height, width, channels]``, or ``[n, channels, height, width]`` where NCHW is asked for.

    uint8 of 0 to 255 where nothing normalises them, else float32: ``(pixel · scale - mean) / std`` by channel, or 0 to 255
    mapped linearly to a range. ``shape`` and ``dtype`` are the input's: without ``resize`` and ``channels`` its fixed sizes
    hold. A resize is bilinear, over the whole area that a new pixel covers. Raises ``BadInputs``: nothing is found, a file
    is no image, the sizes differ, or all together are more than ``MAX_ARRAY_BYTES``.
    """
    where = f"input {name!r}: {files.text}"
    paths = find_images(files, where=where)
    channels = files.channels or _channels(shape, files.layout)
    size = files.resize or _size(shape, files.layout)
    if normalises(files) and np.dtype(dtype).kind != "f":
        raise BadInputs(
            f"{where}: images are normalised to fractions, the model wants {dtype}",
            hint="Take scale, mean, std and range out.",
        )
    each = 4 if normalises(files) else 1
    read: list[npt.NDArray[np.generic]] = []
    for path in paths:
        pixels = _pixels(path, size=size, channels=channels, where=f"{where}: {path.name}")
        if read and pixels.shape != read[0].shape:
            raise BadInputs(
                f"{where}: {path.name} is {_told(pixels)}, {paths[0].name} is {_told(read[0])}",
                hint="Give all of them one size: `resize: [height, width]`.",
            )
        if pixels.size * each * len(paths) > MAX_ARRAY_BYTES:
            raise BadInputs(
                f"{where}: {len(paths)} images of {_told(pixels)} take more than {MAX_ARRAY_BYTES} bytes",
                hint="Take the first few of them with `samples:`, or make them smaller with `resize:`.",
            )
        read.append(pixels)
    images = np.stack(read)
    if normalises(files):
        images = _normalised(images, files, where)
    return np.moveaxis(images, -1, 1) if files.layout == "NCHW" else images


def find_images(files: ImageFiles, *, where: str) -> tuple[Path, ...]:
    """The files in the order of their paths. ``where`` opens the message. Raises ``BadInputs`` if there are none."""
    path = files.folder / files.text
    hint = "Name a folder, or a pattern such as photos/*.jpg; both are relative to the manifest."
    if path.is_dir():
        found = [each for each in path.iterdir() if each.is_file() and each.suffix.lower() in SUFFIXES]
        what = f"no image in that folder ({', '.join(SUFFIXES)})"
        inner = next((each for each in sorted(path.glob("*/*")) if each.suffix.lower() in SUFFIXES), None)
        if inner is not None:
            hint = f"Those in the folders below it are taken by a pattern: {files.text.rstrip('/')}/**/*{inner.suffix}."
    elif glob.has_magic(files.text):
        matches = glob.glob(files.text, root_dir=files.folder, recursive=True)  # noqa: PTH207  # takes absolute ones, too
        found = [each for match in matches if (each := files.folder / match).is_file()]
        what = "matches no file"
    else:
        found = [path] if path.is_file() else []
        what = "isn't there"
    if not found:
        raise BadInputs(f"{where}: {what}", hint=hint)
    ordered = sorted(found, key=lambda each: each.as_posix())  # not the disk's order, which no two machines share
    return tuple(ordered[: files.samples])


def normalises(files: ImageFiles) -> bool:
    """Whether pixels become anything else than 0 to 255."""
    return files.scale is not None or bool(files.mean or files.std) or files.range is not None


def _pixels(path: Path, *, size: tuple[int, int] | None, channels: int, where: str) -> npt.NDArray[np.uint8]:
    from PIL import Image, ImageOps, UnidentifiedImageError  # late: only who feeds images needs it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what they warn of is refused below, or read as a browser would
            with Image.open(path, formats=_FORMATS) as image:
                _require_plain(image, where)
                turned: Image.Image = ImageOps.exif_transpose(image)
                made = turned.convert(_MODES[channels])
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        what = "is no image that is read" if isinstance(error, UnidentifiedImageError) else f"can't be read: {error}"
        raise BadInputs(f"{where} {what}", hint=f"Save it as {', '.join(_FORMATS)}, or take it out.") from error
    if size is not None and made.size != (size[1], size[0]):
        made = made.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    pixels = np.asarray(made, dtype=np.uint8)
    return pixels.reshape(*pixels.shape[:2], channels)


def _require_plain(image: Image.Image, where: str) -> None:
    if math.prod(image.size) > MAX_PIXELS:
        raise BadInputs(
            f"{where} has {math.prod(image.size)} pixels; at most {MAX_PIXELS} are read", hint="Make it smaller."
        )
    if image.mode.startswith(_WIDER_THAN_8_BITS):
        raise BadInputs(
            f"{where} has more than 8 bits a channel", hint="Save it with 8, or give its numbers in an .npy file."
        )


def _normalised(images: npt.NDArray[Any], files: ImageFiles, where: str) -> npt.NDArray[np.float32]:
    values = images.astype(np.float32)
    if files.range is not None:
        low, high = files.range
        return np.asarray(low + values * ((high - low) / 255), np.float32)
    if files.scale is not None:
        values *= np.float32(files.scale)
    channels = images.shape[-1]
    for what, given in (("mean", files.mean), ("std", files.std)):
        if given and len(given) not in (1, channels):
            raise BadInputs(
                f"{where}: {what} has {plural(len(given), 'number')}, the images have {plural(channels, 'channel')}",
                hint="Give one number for all channels, or one for each.",
            )
    if files.mean:
        values -= np.asarray(files.mean, np.float32)
    if files.std:
        values /= np.asarray(files.std, np.float32)
    return values


def _channels(shape: Shape, layout: str) -> int:
    """The input's own, where it is fixed and can be an image's; otherwise colours."""
    fixed = shape[-1 if layout == "NHWC" else 1] if shape is not None and len(shape) == 4 else None
    return fixed if fixed in _MODES else 3


def _size(shape: Shape, layout: str) -> tuple[int, int] | None:
    """Height and width of the input, where both are fixed."""
    if shape is None or len(shape) != 4:
        return None
    height, width = shape[1:3] if layout == "NHWC" else shape[2:4]
    return None if height is None or width is None else (height, width)


def _told(pixels: Sequence[Any] | npt.NDArray[Any]) -> str:
    height, width, channels = np.shape(pixels)
    return f"{height} × {width} × {channels}"
