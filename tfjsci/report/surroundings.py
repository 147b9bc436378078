"""What the numbers were made with and how: inputs, browser, machine, method."""

from __future__ import annotations

from tfjsci.browser.protocol import BackendEnvironment
from tfjsci.dtypes import GPU_BACKENDS
from tfjsci.escape import code, markdown_text
from tfjsci.inputs.summary import InputSummary
from tfjsci.listed import listed
from tfjsci.report.tables import Column, markdown_table
from tfjsci.report.variants import called_asynchronously, environments, ranked
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.units import show_bytes, show_seconds
from tfjsci.verify.verification import Verification

METHOD = (
    "Rewriting: the graph that was loaded against the one that is written, fused ops taken apart, both in TensorFlow.",
    "Fidelity: the original in TensorFlow against the float artifact on each backend, then float against each "
    "quantised variant on the same backend. SQNR is 10·log10 of signal power over error power: low is bad. "
    "Max relative is the largest difference over the reference's range, PSNR that range over the RMSE. KL is the "
    "divergence of class probabilities in nats, mismatch the share of values beyond atol + rtol · |reference|. "
    "In parentheses beside a share stands its 95 % (Wilson) interval. Accuracy is the reference's and the candidate's, "
    "against the labels.",
    "Sizes: model.json and all shards, as files and as gzip (level 6) and brotli (quality 5) send them.",
    "Times: one browser, one job at a time. The first inference is in a fresh browser and includes shader compilation "
    "and the upload of weights; warm-up runs are recorded and not counted; a steady run is predict and reading the "
    "values back. "
    "MAD is the median absolute deviation, unscaled. All samples are in results.json. Memory is that of the tensors that are "
    "alive after the warm-up, packed weights among them where the runtime keeps them.",
)

ORIGINALS = {
    "tfjs_graph_model": "the TensorFlow.js graph model's own graph, read back and run by TensorFlow (fused ops taken apart, "
    "weights as the runtime decodes them); the files themselves aren't run",
    "tfjs_layers_model": "the layers of the TensorFlow.js model, built again with Keras and run by TensorFlow; "
    "the files themselves aren't run",
}
"""What is compared with, where the source is no model of TensorFlow's, by the source's format."""

_MOST_CALLED = 40

_SOFTWARE_RENDERERS = ("SwiftShader", "llvmpipe", "lavapipe", "softpipe", "Microsoft Basic Render Driver")
"""Known by these names inside of longer ones."""


def environment(run: RunResult) -> list[str]:
    """Everything that one must know to get these numbers again."""
    machine = run.machine
    lines: list[str] = []
    known = environments(run)
    if known:
        lines += [*markdown_table(BACKEND_COLUMNS, known), ""]
    lines += [
        f"- machine: {markdown_text(machine.cpu, 120)}, {machine.cores} cores, {show_bytes(machine.memory_bytes)}, "
        f"{markdown_text(machine.platform, 120)}",
        f"- software: tfjsci {markdown_text(run.tfjsci, 40)}, Python {markdown_text(machine.python, 40)}, "
        + ", ".join(
            f"{name} {markdown_text(version, 40) if version else 'not used'}"
            for name, version in (
                ("TensorFlow", machine.tensorflow), ("Keras", machine.keras), ("NumPy", machine.numpy)
            )
        ),
        f"- started {code(run.started_at, 40)}, took {show_seconds(run.duration_seconds)}; "
        f"stages: {markdown_text(', '.join(run.stages), 200)}",
    ]  # fmt: skip
    for model in ranked(run):
        if original := ORIGINALS.get(model.format or ""):
            lines.append(f"- the original of {code(model.name)}: {original}")
        if model.durations:
            spent = ", ".join(f"{each.stage} {show_seconds(each.seconds)}" for each in model.durations)
            lines.append(f"- time spent on {code(model.name)}: {markdown_text(spent, 400)}")
        if model.verification:
            told = markdown_text(verified(model.verification), 400)
            lines.append(f"- rewriting of {code(model.name)}: {told}")
    lines += [
        f"- flags of {each.backend}: {code(', '.join(f'{name} {value}' for name, value in each.flags.items()), 600)}"
        for each in known
        if each.flags
    ]
    if called := called_asynchronously(run):
        names = listed(map(code, called), _MOST_CALLED)
        lines.append(f"- called with {code('executeAsync')}, as their graphs need: {names}")
    return [*lines, "", *(f"- {text}" for text in METHOD)]


def verified(verification: Verification) -> str:
    """What came of holding the rewritten graph against the original one."""
    if verification.status == "unverified":
        return f"not verified: {verification.reason}"
    if verification.status == "different":
        by = f", by {', '.join(verification.rules)}" if verification.rules else ""
        return f"other numbers{by}: output {verification.output}: {verification.reason}"
    return "identical" if verification.sqnr_db is None else f"the same numbers, {verification.sqnr_db:.1f} dB at worst"


def inputs(run: RunResult) -> list[str]:
    """What each model was run on."""
    rows = [(model, each) for model in ranked(run) for each in model.inputs]
    return markdown_table(INPUT_COLUMNS, rows) if rows else []


def software_note(run: RunResult) -> list[str]:
    """What times on a software renderer are worth, beside the first table that has them."""
    software = [each for each in environments(run) if each.software]
    if not software:
        return []
    where = ", ".join(
        dict.fromkeys(f"{each.backend} ({markdown_text(short_renderer(each.renderer), 60)})" for each in software)
    )
    return [
        f"Software renderer instead of a GPU: {where}. "
        "Times there say little about a real GPU; a missed time budget there is a warning unless gate_software is set.",
        "",
    ]


def short_renderer(renderer: str) -> str:
    """A software renderer's name, out of the long string that the browser gives."""
    return next((name for name in _SOFTWARE_RENDERERS if name.lower() in renderer.lower()), renderer)


def _kind(row: BackendEnvironment) -> str:
    if row.backend not in GPU_BACKENDS:
        return "CPU"
    return "software" if row.software else "hardware"


BACKEND_COLUMNS: list[Column[BackendEnvironment]] = [
    Column(title="Backend", cell=lambda row: row.backend),
    Column(title="Kind", cell=_kind),
    Column(title="Runs on", cell=lambda row: row.renderer),
    Column(title="Browser", cell=lambda row: row.browser),
    Column(title="TensorFlow.js", cell=lambda row: row.tfjs),
    Column(title="Cores", cell=lambda row: str(row.cores), align="right"),
]

INPUT_COLUMNS: list[Column[tuple[ModelResult, InputSummary]]] = [
    Column(title="Model", cell=lambda row: row[0].name, name=True),
    Column(title="Input", cell=lambda row: row[1].name, name=True),
    Column(title="Type", cell=lambda row: row[1].dtype),
    Column(title="Shape", cell=lambda row: " × ".join(map(str, row[1].shape)) or "scalar"),
    Column(title="Values from", cell=lambda row: row[1].origin),
]
