"""A job as the page reads it, and the page's answer as Python keeps it.

Golden files in ``tests/page/golden`` hold both ends to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from tfjsci.browser.protocol import CALL, BackendEnvironment, CustomScript, MemoryUse, Prediction, Timing
from tfjsci.browser.renderer import is_software
from tfjsci.browser.tensors import decode_outputs
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import BackendUnavailable, BadInputs, BrowserJobFailed, RuntimeMissing, TfjsciError

Kind = Literal["probe", "predict", "intermediates", "time", "catalog"]

EXAMPLES = "op_examples.json"
"""Beside the page's modules: a model of one node for each op, written by script/make_catalog.py."""

_SCRIPTS: dict[Backend, tuple[str, ...]] = {
    "cpu": ("tf.min.js",),
    "webgl": ("tf.min.js",),
    "wasm": ("tf.min.js", "tf-backend-wasm.min.js"),
    "webgpu": ("tf.min.js", "tf-backend-webgpu.min.js"),
}
"""What a user's page would load for the backend, and no more."""


def job_document(
    kind: Kind,
    backend: Backend,
    *,
    base: str,
    address: str,
    models: int,
    inputs: Sequence[Mapping[str, Any]],
    custom: Sequence[CustomScript] = (),
    warmup: int = 0,
    runs: int = 0,
    tensors: Sequence[str] = (),
    lacking: Collection[Backend] = (),
) -> dict[str, Any]:
    """The page's ``Job`` (jobs.mjs): ``base`` is the server's folder, ``address`` the job's own, ``models`` how many.

    ``tensors`` are what a job of the kind ``intermediates`` asks for; ``lacking`` are backends that the release hasn't got, which
    one of the kind ``catalog`` doesn't load.
    """
    asked: dict[str, Any] = {}
    if kind == "catalog":
        asked = {"examples": f"{base}/page/{EXAMPLES}", "backends": list(BACKENDS)}
    elif kind == "intermediates":
        asked = {"tensors": list(tensors)}
    return {
        "kind": kind,
        "backend": backend,
        "runtime": _runtime(base, _scripts_of_all(lacking)) if kind == "catalog" else runtime_document(base, backend),
        "custom": [
            {"script": script.name, "url": f"{address}/scripts/{index}", "ops": list(script.ops)}
            for index, script in enumerate(custom)
        ],
        "models": [f"{address}/models/{index}/model.json" for index in range(models)],
        "inputs": [dict(each) for each in inputs],
        "outputs": f"{address}/outputs/",
        "warmup": warmup,
        "runs": runs,
        **asked,
    }


def _scripts_of_all(lacking: Collection[Backend]) -> Sequence[str]:
    """What has to be there for every backend to tell its kernels; one that isn't there has none."""
    scripts = (script for backend, each in _SCRIPTS.items() if backend not in lacking for script in each)
    return tuple(dict.fromkeys(scripts))


def runtime_document(base: str, backend: Backend) -> dict[str, Any]:
    """The page's ``runtime`` (runtime.mjs): what the server at ``base`` has of the release, for one backend."""
    return _runtime(base, _SCRIPTS[backend])


def _runtime(base: str, scripts: Sequence[str]) -> dict[str, Any]:
    return {"scripts": [f"{base}/runtime/{name}" for name in scripts], "wasm": f"{base}/runtime/"}


def read_environment(answer: Mapping[str, Any], *, browser: str) -> BackendEnvironment:
    """Where the answer was made. ``CALL`` joins the flags when the graph needed the slower ``executeAsync``."""
    said = answer["environment"]
    backend: Backend = said["backend"]
    flags = {str(name): str(value) for name, value in said["flags"].items()}
    if answer["async"]:
        flags[CALL] = "executeAsync"
    return BackendEnvironment(
        backend=backend,
        browser=browser,
        tfjs=said["tfjs"],
        renderer=said["renderer"],
        software=is_software(backend, said["renderer"]),
        cores=int(said["cores"]),
        flags=flags,
    )


def read_predictions(answer: Mapping[str, Any], bodies: Mapping[int, bytes], *, browser: str) -> list[Prediction]:
    """One prediction per set of inputs; ``bodies`` are what the page posted, by index."""
    environment = read_environment(answer, browser=browser)
    return [
        Prediction(outputs=decode_outputs(described, bodies.get(index, b"")), environment=environment)
        for index, described in enumerate(answer["predictions"])
    ]


def read_timings(answer: Mapping[str, Any], *, browser: str) -> list[Timing]:
    """One timing per model."""
    environment = read_environment(answer, browser=browser)
    return [
        Timing(
            load_ms=float(timing["load_ms"]),
            first_inference_ms=float(timing["first_inference_ms"]),
            warmup_ms=tuple(float(value) for value in timing["warmup_ms"]),
            steady_ms=tuple(float(value) for value in timing["steady_ms"]),
            memory_before=MemoryUse(**timing["memory_before"]),
            memory_after=MemoryUse(**timing["memory_after"]),
            environment=environment,
        )
        for timing in answer["timings"]
    ]


def failure_error(failure: Mapping[str, Any], *, what: str, backend: Backend) -> TfjsciError:
    """The page's ``{stage, message}`` as an error; ``what`` names the job, as ``predict on wasm``."""
    stage, message = str(failure["stage"]), str(failure["message"])
    if stage == "backend":
        return BackendUnavailable(
            f"{backend} does not run in this browser: {message}",
            hint="`tfjsci doctor` shows which backends run here; remove it from `backends`, or give the browser a GPU.",
        )
    if stage == "inputs":
        return BadInputs(f"{what}: {message}")
    if stage == "runtime":
        return RuntimeMissing(f"{what}: {message}")
    return BrowserJobFailed(f"{what}: {_STAGES.get(stage, stage)}: {message}")


_STAGES = {
    "custom": "a script of custom_ops failed",
    "model": "the model can't be loaded",
    "run": "the model can't be run",
    "outputs": "the outputs can't be read back",
    "page": "the page failed",
}
