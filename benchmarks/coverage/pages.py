"""Many artifacts in one page: starting a runtime for each of thousands would take hours.

A page that hangs or dies costs the artifact that it was at; the others go on in a new one.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfjsci.browser.chromium import Chromium
from tfjsci.browser.contract import runtime_document
from tfjsci.browser.runtime import DEFAULT_VERSION, find_runtime
from tfjsci.browser.server import Exchange, PageServer
from tfjsci.browser.tensors import decode_outputs, encode_inputs
from tfjsci.dtypes import Backend
from tfjsci.errors import BadInputs, BrowserJobFailed, TfjsciError

HERE = Path(__file__).parent

QUIET_SECONDS = 100.0
"""Without an answer for so long a page hangs; the page itself gives each artifact 60 s, where it gets to count them."""

_PAGE_SECONDS = 1800.0
_MOST_EMPTY_PAGES = 3


@dataclass(frozen=True, kw_only=True)
class Task:
    """One artifact and what it is given."""

    model: Path
    inputs: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """``outputs`` by name, or what was said instead, and in which stage."""

    outputs: Mapping[str, Any] | None = None
    stage: str = ""
    said: str = ""


class Pages:
    """Owns a server and a browser; ``version`` and ``environments`` tell of what ran."""

    def __init__(self) -> None:
        self._log = logging.getLogger("coverage")
        self._server = PageServer(find_runtime(DEFAULT_VERSION, env=os.environ), self._log)
        self._chromium = Chromium(os.environ, self._log)
        self.version = ""

    def __enter__(self) -> Pages:
        return self

    def __exit__(self, *_: object) -> None:
        self._chromium.close()
        self._server.close()

    def run(self, backend: Backend, tasks: Sequence[Task]) -> list[Answer]:
        """An answer for each. Raises ``TfjsciError`` when there is no browser, or the backend doesn't start in it."""
        answers: dict[int, Answer] = {}
        empty = 0
        while waiting := [i for i in range(len(tasks)) if i not in answers]:
            found, said = self._page(backend, tasks, waiting)
            answers |= found
            left = [i for i in waiting if i not in found]
            if said is not None and left:
                answers[left[0]] = Answer(stage="page", said=said)
                empty = 0 if found else empty + 1
                if empty == _MOST_EMPTY_PAGES:
                    raise BrowserJobFailed(f"pages on {backend} give no answer at all: {said}")
        return [answers[i] for i in range(len(tasks))]

    def _page(
        self, backend: Backend, tasks: Sequence[Task], waiting: Sequence[int]
    ) -> tuple[dict[int, Answer], str | None]:
        """The answers that came, and why no more did where the page broke."""
        exchange = self._server.open([HERE / "page", *(task.model for task in tasks)], [])
        found: dict[int, Answer] = {}
        sent = []
        for i in waiting:
            try:
                inputs = encode_inputs(tasks[i].inputs, f"{exchange.address}/inputs", exchange.inputs)
            except BadInputs as error:
                found[i] = Answer(stage="inputs", said=error.message)
                continue
            sent.append({"index": i, "model": f"{exchange.address}/models/{i + 1}/model.json", "inputs": inputs})
        job = {
            "backend": backend,
            "runtime": runtime_document(self._server.base, backend),
            "outputs": f"{exchange.address}/outputs/",
            "tasks": sent,
        }
        said = None
        try:
            with _Watched(exchange, self._chromium):
                answer = self._chromium.run(
                    f"{self._server.origin}{exchange.address}/models/0/index.html", job,
                    what=f"{len(sent)} artifacts on {backend}", deadline_seconds=_PAGE_SECONDS, fresh_browser=False,
                )  # fmt: skip
            self.version = self._chromium.version
            if "failure" in answer:
                raise BrowserJobFailed(f"{backend}: {answer['failure']['message']}")
        except TfjsciError as error:
            if not exchange.outputs and "interrupted" not in error.message and "crashed" not in error.message:
                raise
            said = "hangs" if "interrupted" in error.message else error.message.splitlines()[0][:300]
            self._chromium.close()
            self._chromium = Chromium(os.environ, self._log)
        finally:
            self._server.end(exchange)
        for i in waiting:
            if 2 * i + 1 in exchange.outputs:
                found[i] = _answer(json.loads(exchange.outputs[2 * i + 1]), exchange.outputs.get(2 * i, b""))
        return found, said


def _answer(result: Mapping[str, Any], body: bytes) -> Answer:
    if "failure" in result:
        return Answer(stage=result["failure"]["stage"], said=" ".join(result["failure"]["message"].split())[:300])
    try:
        return Answer(outputs=decode_outputs(result["outputs"], body))
    except BrowserJobFailed as error:
        return Answer(stage="outputs", said=error.message)


class _Watched:
    """Ends the browser when the page has been silent for too long: a loop that never waits leaves it no time to count."""

    def __init__(self, exchange: Exchange, chromium: Chromium) -> None:
        self._exchange, self._chromium = exchange, chromium
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        quiet, before = 0.0, -1
        while not self._done.wait(1.0):
            now = len(self._exchange.outputs)
            quiet = quiet + 1.0 if now == before else 0.0
            before = now
            if quiet >= QUIET_SECONDS:
                self._chromium.interrupt()
                return
