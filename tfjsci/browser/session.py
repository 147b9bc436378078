"""The browser that is handed to the stages: ``protocol.Session`` on a real Chromium.

Its Playwright lives in a thread of its own (``browser_thread.py``), so that a session works wherever it is called.
"""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tfjsci.browser.browser_thread import BrowserThread
from tfjsci.browser.contract import failure_error, read_predictions, read_timings
from tfjsci.browser.job import Inputs, Job
from tfjsci.browser.launch import Browser
from tfjsci.browser.protocol import BackendProbe, CustomScript, Prediction, Timing
from tfjsci.browser.runtime import DEFAULT_VERSION, find_runtime
from tfjsci.browser.server import Exchange, PageServer
from tfjsci.dtypes import Backend
from tfjsci.errors import BackendUnavailable, BrowserJobFailed, BrowserMissing

if TYPE_CHECKING:
    from tfjsci.browser.chromium import Chromium

T = TypeVar("T")

PROBE_SECONDS = 60
"""A probe takes 1 to 3 s on a software renderer of two cores."""

CATALOG_SECONDS = 120
"""Asking all ops takes 0.5 s, on a machine of two cores."""

_PROBE_SIZE = 16
"""256 values: the GPU backends compute products of fewer than 128 on the CPU."""


class BrowserSession:
    """A ``protocol.Session``. The browser starts with the first job; ``close`` (or ``with``) ends all that was started."""

    def __init__(
        self, *, tfjs_version: str = DEFAULT_VERSION, log_file: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        """``env`` is read for ``TFJSCI_…`` and PATH (default: this process's); what browser and page say goes to ``log_file``.

        Raises ``RuntimeMissing`` when the release isn't installed.
        """
        self._env = dict(os.environ if env is None else env)
        self._runtime = find_runtime(tfjs_version, env=self._env)
        self._log = _open_log(log_file)
        self._server = PageServer(self._runtime, self._log)
        self._thread: BrowserThread | None = None
        self._closed = False
        atexit.register(self.close)

    def __enter__(self) -> BrowserSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def find_browser(self) -> tuple[Browser, str]:
        """The browser that jobs run in, and its product and version. Raises ``BrowserMissing``."""
        from tfjsci.browser.launch import browser_version

        browser = self._call(lambda chromium: chromium.find())
        return browser, browser_version(browser)

    def probe(self, backend: Backend) -> BackendProbe:
        """As ``protocol.Session.probe``; a backend that doesn't run is an answer here. Raises ``BrowserMissing``."""
        rng = np.random.default_rng(0)
        a, b = (rng.integers(-3, 4, (_PROBE_SIZE, _PROBE_SIZE)).astype(np.float32) for _ in range(2))
        try:
            predictions = self._predict(
                Job(kind="probe", backend=backend, inputs=[{"a": a, "b": b}], deadline_seconds=PROBE_SECONDS)
            )
        except (BackendUnavailable, BrowserJobFailed) as error:
            return BackendProbe(backend=backend, environment=None, failure=error.message)
        product = predictions[0].outputs["product"].astype(np.float32)
        # Sums of 16 products of small integers: exact in float32, and in the float16 of poor GPUs.
        if not np.array_equal(product, a @ b):
            worst = float(np.max(np.abs(product - a @ b)))
            return BackendProbe(
                backend=backend, environment=None, failure=f"a 16×16 product came out wrong by {worst:g}"
            )
        return BackendProbe(backend=backend, environment=predictions[0].environment, failure=None)

    def describe_release(self) -> dict[str, Any]:
        """As ``protocol.Session.describe_release``: asked on the cpu backend, which every browser has."""
        job = Job(kind="catalog", backend="cpu", deadline_seconds=CATALOG_SECONDS, lacking=self._runtime.lacking)
        said: dict[str, Any] = self._do(job, lambda answer, _: answer["catalog"])
        return said

    def predict(
        self,
        model: Path,
        backend: Backend,
        inputs: Sequence[Inputs],
        *,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> list[Prediction]:
        """As ``protocol.Session.predict``. Raises ``BadInputs`` too."""
        return self._predict(
            Job(
                kind="predict",
                backend=backend,
                models=[model],
                inputs=inputs,
                scripts=scripts,
                deadline_seconds=deadline_seconds,
            )
        )

    def intermediates(
        self,
        model: Path,
        backend: Backend,
        inputs: Inputs,
        tensors: Sequence[str],
        *,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> Prediction:
        """As ``protocol.Session.intermediates``. Raises ``BadInputs`` too."""
        # With its index a tensor's name can't be taken for an output's name in the signature, which the runtime looks up.
        asked = [name if ":" in name else f"{name}:0" for name in tensors]
        (made,) = self._predict(
            Job(
                kind="intermediates",
                backend=backend,
                models=[model],
                inputs=[inputs],
                tensors=asked,
                scripts=scripts,
                deadline_seconds=deadline_seconds,
            )
        )
        return replace(made, outputs={name: made.outputs[told] for name, told in zip(tensors, asked, strict=True)})

    def time(
        self,
        model: Path,
        backend: Backend,
        inputs: Inputs,
        *,
        warmup: int,
        runs: int,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> Timing:
        """As ``protocol.Session.time``. Raises ``BadInputs`` too.

        Every backend gets a fresh browser: shaders are shared between the pages of one, and a start takes but 1 s.
        """
        (timing,) = self._time(
            Job(
                kind="time",
                backend=backend,
                models=[model],
                inputs=[inputs],
                scripts=scripts,
                warmup=warmup,
                runs=runs,
                deadline_seconds=deadline_seconds,
                fresh_browser=True,
            )
        )
        return timing

    def race(
        self,
        models: Sequence[Path],
        backend: Backend,
        inputs: Inputs,
        *,
        warmup: int,
        runs: int,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> list[Timing]:
        """As ``protocol.Session.race``. Raises ``BadInputs`` too."""
        return self._time(
            Job(
                kind="time",
                backend=backend,
                models=models,
                inputs=[inputs],
                scripts=scripts,
                warmup=warmup,
                runs=runs,
                deadline_seconds=deadline_seconds,
            )
        )

    def close(self) -> None:
        """End the browser and everything it started; more calls do nothing."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        if self._thread is not None:
            self._thread.close()
        self._server.close()
        for handler in self._log.handlers:
            handler.close()

    def _predict(self, job: Job) -> list[Prediction]:
        return self._do(
            job, lambda answer, exchange: read_predictions(answer, exchange.outputs, browser=self._version())
        )

    def _time(self, job: Job) -> list[Timing]:
        return self._do(job, lambda answer, _: read_timings(answer, browser=self._version()))

    def _do(self, job: Job, read: Callable[[dict[str, Any], Exchange], T]) -> T:
        """What ``read`` makes of the page's answer, and of the outputs that it sent. Raises ``BackendUnavailable``."""
        self._runtime.require(job.backend)
        exchange = self._server.open(job.models, [], [script.path for script in job.scripts])
        try:
            answer = self._ask(job, exchange)
            try:
                return read(answer, exchange)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise BrowserJobFailed(f"the page's answer can't be read: {error!r}") from error
        finally:
            self._server.end(exchange)

    def _ask(self, job: Job, exchange: Exchange) -> dict[str, Any]:
        document, what, share_tab = job.document(self._server.base, exchange), job.what, job.shares_tab
        self._log.info("%s", what)
        answer: dict[str, Any] = self._call(
            lambda chromium: chromium.run(
                self._server.page,
                document,
                what=what,
                deadline_seconds=job.deadline_seconds,
                fresh_browser=job.fresh_browser,
                share_tab=share_tab,
            )
        )
        if "failure" in answer:
            self._log.info("%s: %s", what, answer["failure"])
            raise failure_error(answer["failure"], what=what, backend=job.backend)
        return answer

    def _version(self) -> str:
        assert self._thread is not None
        return self._thread.chromium.version

    def _call(self, work: Callable[[Chromium], Any]) -> Any:
        if self._closed:
            raise BrowserMissing("this browser session is closed")
        if self._thread is None:
            from tfjsci.browser.chromium import Chromium  # Playwright takes 0.2 s to import

            self._thread = BrowserThread(Chromium(self._env, self._log))
        return self._thread.call(work)


def _open_log(file: Path | None) -> logging.Logger:
    """A logger of its own, so that nothing reaches the terminal and sessions don't mix."""
    log = logging.Logger("tfjsci.browser")
    handler: logging.Handler = logging.NullHandler()
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(file, encoding="utf-8", delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    return log
