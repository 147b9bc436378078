"""Upstream's converter in one process of its own, which works while other things go on here."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.zoo.upstream import upstream_python

from .places import COVERAGE

SECONDS = 240.0

_IDENTITY = re.compile(r"Identity(?:_(\d+))?:0")


def as_named(artifact: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` under the names that the artifact's signature has: upstream's says ``image:0`` for some models' ``image``."""
    signature = json.loads((artifact / "model.json").read_text(encoding="utf-8")).get("signature") or {}
    names = {name.removesuffix(":0"): name for name in signature.get("inputs", {})}
    return {names.get(name, name): value for name, value in given.items()}


def names_for(artifact: Path, reference: Mapping[str, Any]) -> list[str] | None:
    """The reference's output names in the order of the artifact's, some of which upstream calls ``Identity_1:0``.

    The tensor behind an output tells which it is: TensorFlow numbers them as the SavedModel's names are sorted.
    """
    signature = json.loads((artifact / "model.json").read_text(encoding="utf-8")).get("signature") or {}
    outputs = signature.get("outputs", {})
    numbers = [_IDENTITY.fullmatch(entry.get("name", "")) for entry in outputs.values()]
    if len(outputs) != len(reference) or set(outputs) == set(reference) or not all(numbers):
        return None
    meant = sorted(reference)
    places = [int(number[1] or 0) for number in numbers if number]
    return [meant[place] for place in places] if max(places) < len(meant) else None


class Upstream:
    """``convert`` hands it a SavedModel, ``said`` waits for what became of it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._said: dict[Path, str] = {}
        self._waiting: list[tuple[Path, Path]] = []

    def __enter__(self) -> Upstream:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def convert(self, source: Path, output: Path) -> None:
        """Begin."""
        self._waiting.append((source, output))
        self._send(source, output)

    def said(self, output: Path) -> str:
        """Empty when it converted. A process that dies or hangs is started anew for the others."""
        while output not in self._said:
            try:
                line = self._answers.get(timeout=SECONDS)
                died = "its process died" if line is None else ""
            except queue.Empty:
                line, died = None, f"not done within {SECONDS:g} s"
            if line is not None:
                answer = json.loads(line)
                self._said[Path(answer["output"])] = answer["said"]
                self._waiting = [each for each in self._waiting if each[1] != Path(answer["output"])]
                continue
            self._end()
            _, culprit = self._waiting.pop(0)
            self._said[culprit] = died
            for source, waiting in self._waiting:
                self._send(source, waiting)
        return self._said.pop(output)

    def _send(self, source: Path, output: Path) -> None:
        if self._process is None:
            self._start()
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{source}\t{output}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # `said` hears of its death, and asks another one

    def _start(self) -> None:
        answers: queue.Queue[str | None] = queue.Queue()
        COVERAGE.mkdir(parents=True, exist_ok=True)
        with (COVERAGE / "upstream.log").open("ab") as log:
            process = subprocess.Popen(
                [upstream_python(), Path(__file__).with_name("upstream_process.py")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": ""},
            )  # fmt: skip

        def read() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                answers.put(line)
            answers.put(None)

        threading.Thread(target=read, daemon=True).start()
        self._process, self._answers = process, answers

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
