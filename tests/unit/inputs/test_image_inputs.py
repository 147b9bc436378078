"""Images become the array that the model wants, the same one whatever order the disk has them in."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tfjsci.errors import BadInputs
from tfjsci.inputs.images import read_images
from tfjsci.manifest.resolved import ImageFiles

RED, GREEN = (255, 0, 0), (0, 128, 0)
ANY = (None, None, None, None)


def save(path: Path, colour: Any, size: tuple[int, int] = (4, 2), mode: str = "RGB", **more: Any) -> None:
    """``size`` is width and height, as Pillow has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **more)


def read(folder: Path, text: str = "photos", *, shape: Any = ANY, dtype: str = "float32", **more: Any) -> Any:
    return read_images(ImageFiles(folder=folder, text=text, **more), name="x", shape=shape, dtype=dtype)


def test_a_folder_in_the_order_of_names_as_0_to_255(tmp_path: Path) -> None:
    for name, colour in (("b.PNG", GREEN), ("a.png", RED), ("c.bmp", RED)):
        save(tmp_path / "photos" / name, colour)
    (tmp_path / "photos" / "notes.txt").write_text("no image")
    images = read(tmp_path)
    assert (images.shape, images.dtype) == ((3, 2, 4, 3), np.uint8)
    assert images[:, 0, 0].tolist() == [list(RED), list(GREEN), list(RED)]
    assert read(tmp_path, samples=2).shape[0] == 2


def test_a_pattern_reaches_into_folders(tmp_path: Path) -> None:
    for name in ("photos/z/a.png", "photos/b/c.png", "photos/b/d.jpg"):
        save(tmp_path / name, RED if name.endswith("a.png") else GREEN)
    images = read(tmp_path, "photos/**/*.png")
    assert images[:, 0, 0].tolist() == [list(GREEN), list(RED)], "b before z"
    assert len(read(tmp_path, "photos/z/a.png")) == 1


def test_images_in_folders_below_are_offered_as_a_pattern(tmp_path: Path) -> None:
    """As data sets for classifiers lie; the near miss: nothing is there either."""
    (tmp_path / "photos" / "cats").mkdir(parents=True)
    with pytest.raises(BadInputs, match="no image in that folder") as raised:
        read(tmp_path)
    assert "photos/**" not in (raised.value.hint or "")
    save(tmp_path / "photos" / "cats" / "a.png", RED)
    for text in ("photos", "photos/"):
        with pytest.raises(BadInputs, match="no image in that folder") as raised:
            read(tmp_path, text)
        assert (raised.value.hint or "").endswith("by a pattern: photos/**/*.png.")
    assert read(tmp_path, "photos/**/*.png").shape[0] == 1


@pytest.mark.parametrize(
    ("more", "pixel"),
    [
        ({"range": (-1.0, 1.0)}, [1.0, -1.0, -1.0]),
        ({"scale": 1 / 255}, [1.0, 0.0, 0.0]),
        ({"mean": (100.0,), "std": (50.0,)}, [3.1, -2.0, -2.0]),
        ({"scale": 2.0, "mean": (10.0, 0.0, 1.0), "std": (1.0, 1.0, 2.0)}, [500.0, 0.0, -0.5]),
    ],
)
def test_normalised(tmp_path: Path, more: Any, pixel: list[float]) -> None:
    save(tmp_path / "photos" / "a.png", RED)
    images = read(tmp_path, **more)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images[0, 0, 0], pixel, rtol=1e-6)


def test_sizes_and_channels_are_the_models_unless_said(tmp_path: Path) -> None:
    save(tmp_path / "photos" / "a.png", GREEN, size=(40, 20))
    assert read(tmp_path, shape=(None, 8, 9, 1)).shape == (1, 8, 9, 1)
    assert read(tmp_path, shape=(None, 3, 8, 9), layout="NCHW").shape == (1, 3, 8, 9)
    assert read(tmp_path, shape=(None, 8, 9, 1), resize=(5, 6), channels=4).shape == (1, 5, 6, 4)
    assert read(tmp_path, shape=(None, 8, 9, 1))[0, 0, 0].tolist() == [75], "the luma of green 128"


def test_a_photo_stands_as_its_exif_data_says(tmp_path: Path) -> None:
    image = Image.new("RGB", (4, 2), RED)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    image.save(tmp_path / "a.jpg", exif=exif)
    assert read(tmp_path, "a.jpg").shape == (1, 4, 2, 3)


def test_images_of_two_sizes_need_one(tmp_path: Path) -> None:
    save(tmp_path / "photos" / "a.png", RED, size=(4, 2))
    save(tmp_path / "photos" / "b.png", RED, size=(5, 2))
    with pytest.raises(BadInputs, match=r"b.png is 2 × 5 × 3, a.png is 2 × 4 × 3") as caught:
        read(tmp_path)
    assert "resize" in str(caught.value.hint)
    assert read(tmp_path, resize=(2, 4)).shape == (2, 2, 4, 3)


@pytest.mark.parametrize("text", ["photos", "photos/*.png", "photos/a.png"])
def test_no_image_at_all(tmp_path: Path, text: str) -> None:
    (tmp_path / "photos").mkdir()
    with pytest.raises(BadInputs, match=r"input 'x': photos.*: (no image|matches no file|isn't there)"):
        read(tmp_path, text)


def bomb() -> bytes:
    """A PNG whose header tells of 40,000 × 40,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"GIF89a", "can't be read|no image"),
        (b"hello", "is no image"),
        (b"", "is no image"),
        (bomb(), "pixels|can't be read"),
    ],
)
def test_what_is_no_image_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    save(tmp_path / "photos" / "a.png", RED)
    (tmp_path / "photos" / "b.png").write_bytes(content)
    with pytest.raises(BadInputs, match=rf"photos: b.png.*({message})"):
        read(tmp_path)


def test_a_picture_that_is_cut_off_is_named(tmp_path: Path) -> None:
    save(tmp_path / "photos" / "a.png", RED, size=(64, 64))
    file = tmp_path / "photos" / "a.png"
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(BadInputs, match=r"a\.png can't be read"):
        read(tmp_path)


def test_16_bits_would_be_cut_off_and_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "photos" / "a.png", 40_000, mode="I;16")
    with pytest.raises(BadInputs, match="more than 8 bits"):
        read(tmp_path)


def test_fractions_are_not_for_whole_numbers(tmp_path: Path) -> None:
    save(tmp_path / "photos" / "a.png", RED)
    with pytest.raises(BadInputs, match="normalised to fractions, the model wants uint8"):
        read(tmp_path, dtype="uint8", scale=1 / 255)
    assert read(tmp_path, dtype="uint8").dtype == np.uint8


def test_numbers_by_channel_are_as_many_as_channels(tmp_path: Path) -> None:
    save(tmp_path / "photos" / "a.png", RED)
    with pytest.raises(BadInputs, match="mean has 2 numbers, the images have 3 channels"):
        read(tmp_path, mean=(1.0, 2.0))
