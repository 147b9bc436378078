"""``--calibrate``: the same bytes in number, and in a real browser outputs that are nearer to the original's."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from end_to_end.command import DIGITS, call


def test_calibrated_weights_are_nearer_in_the_browser(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    images = np.load(DIGITS.parent / "samples" / "digits.npz")["images"]
    np.savez(tmp_path / "some.npz", images=images[::2], labels=np.zeros(len(images[::2])))
    np.savez(tmp_path / "others.npz", images=images[1::2])
    verified = ("--verify", "--verify-inputs", tmp_path / "others.npz", "--backends", "wasm,cpu", "--json")
    arguments = ("convert", DIGITS / "digits.keras", tmp_path / "m", "--quantize", "uint8", *verified)
    plain, calibrated = (
        json.loads(call(capfd, *arguments, *more).in_peace().out)
        for more in ((), ("--calibrate", tmp_path / "some.npz"))
    )
    (note,) = [note for note in calibrated["notes"] if note.startswith("calibrated on")]
    assert note.startswith(f"calibrated on {len(images[::2])} samples: ")
    assert [note for note in calibrated["notes"] if "labels" in note] == [
        "ignored of the arrays to calibrate with, as no input is called so: 'labels'"
    ]
    assert calibrated["size_bytes"] - plain["size_bytes"] < 200
    for before, after in zip(plain["runs"], calibrated["runs"], strict=True):
        # no more than that: 32 samples of a small net; benchmarks/test_quantized.py has the gains
        assert after["sqnr_db"] > before["sqnr_db"]
    assert (
        call(capfd, "convert", DIGITS / "digits.keras", tmp_path / "n", "--calibrate", tmp_path / "some.npz").code == 2
    )
