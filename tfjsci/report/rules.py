"""What can be wrong, as a catalogue: one rule for each gate and each error, with what to do about it in general.

What to do about one miss, with its numbers, is ``advice``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tfjsci.errors import TfjsciError
from tfjsci.verdict import PROBLEM

BUG = "bug"
"""The code of a failure that no error of the catalogue tells: a bug of ours."""

_FIDELITY = (
    "Look at the table of fidelity: one backend off points at its kernels, all at the conversion or the weights."
)
_SIZE = "Gate a quantised variant, quantise more of its weights, or raise the budget."
_TIME = "See how wide the samples spread and run it again; then a faster backend, a smaller model, or another budget."


@dataclass(frozen=True, kw_only=True)
class Rule:
    """``id`` is the gate's key in the manifest or the error's code; ``title``, ``text`` and ``hint`` are sentences."""

    id: str
    title: str
    text: str
    hint: str


_GATES = (
    Rule(
        id=PROBLEM,
        title="An output can't be compared",
        text="An output is missing, has another shape or dtype, or is NaN or infinite on one side alone.",
        hint="NaN or infinity is mostly a value beyond what 16 bits hold; leave the weights that lead to it as they are.",
    ),
    Rule(
        id="sqnr_db",
        title="Too much noise in an output",
        text="The SQNR of an output, signal power over error power in dB, is below its limit. Low is bad.",
        hint=_FIDELITY,
    ),
    Rule(
        id="cosine",
        title="An output points elsewhere",
        text="The cosine similarity of an output and its reference is below its limit.",
        hint=_FIDELITY,
    ),
    Rule(
        id="top1",
        title="Too few samples keep their best class",
        text="The share of samples whose best class is the reference's is below its limit.",
        hint="Give real samples as inputs: random ones make classes nearly tie. " + _FIDELITY,
    ),
    Rule(
        id="top5",
        title="Too few samples keep their five best classes",
        text="The share of samples whose five best classes are the reference's is below its limit.",
        hint="Give real samples as inputs: random ones make classes nearly tie. " + _FIDELITY,
    ),
    Rule(
        id="max_abs",
        title="A value is too far off",
        text="The largest difference of an output and its reference is above its limit.",
        hint=_FIDELITY,
    ),
    Rule(
        id="max_relative",
        title="A value is too far off for the output's range",
        text="The largest difference of an output and its reference, over the reference's range, is above its limit.",
        hint=_FIDELITY,
    ),
    Rule(
        id="rmse",
        title="Values are too far off on average",
        text="The root mean square error of an output is above its limit.",
        hint=_FIDELITY,
    ),
    Rule(
        id="psnr_db",
        title="Too much noise for the output's range",
        text="The PSNR of an output, the reference's range over the RMSE in dB, is below its limit. Low is bad.",
        hint=_FIDELITY,
    ),
    Rule(
        id="kl",
        title="Class probabilities are too far off",
        text="Kullback and Leibler's divergence of an output's class probabilities from the reference's is above its limit.",
        hint="Give real samples as inputs. " + _FIDELITY,
    ),
    Rule(
        id="mismatch",
        title="Too many values are off",
        text="The share of values that are farther off than atol + rtol · |reference| is above its limit.",
        hint=_FIDELITY,
    ),
    Rule(
        id="accuracy",
        title="Too few labels are met",
        text="The share of labels that are an output's best class is below its limit.",
        hint="See first what the original meets: labels may be counted or ordered otherwise. " + _FIDELITY,
    ),
    Rule(
        id="accuracy_drop",
        title="Too much accuracy is lost",
        text="The share of labels that are met is by more than its limit lower than the reference's.",
        hint=_FIDELITY,
    ),
    Rule(
        id="metric",
        title="A metric of the manifest's own misses its limit",
        text="A Python function that the manifest names gave a number on the wrong side of its limit.",
        hint=_FIDELITY,
    ),
    Rule(
        id="download_bytes",
        title="The download is too large",
        text="model.json and all shards of a variant take more bytes than their budget.",
        hint=_SIZE,
    ),
    Rule(
        id="gzip_bytes",
        title="The download as gzip is too large",
        text="model.json and all shards of a variant, as gzip sends them, take more bytes than their budget.",
        hint=_SIZE,
    ),
    Rule(
        id="brotli_bytes",
        title="The download as brotli is too large",
        text="model.json and all shards of a variant, as brotli sends them, take more bytes than their budget.",
        hint=_SIZE,
    ),
    Rule(
        id="load_ms",
        title="Loading is too slow",
        text="Fetching and decoding a variant took longer than its budget.",
        hint="A smaller variant loads faster. " + _TIME,
    ),
    Rule(
        id="first_inference_ms",
        title="The first inference is too slow",
        text="The first inference, with shader compilation and the upload of weights, took longer than its budget.",
        hint="Fewer different shapes and layers make it shorter; a warm-up call while the page loads hides it.",
    ),
    Rule(
        id="steady_ms",
        title="Inference is too slow",
        text="The median of the steady runs is above its budget. On a software renderer that is mostly a warning.",
        hint=_TIME,
    ),
    Rule(
        id="leak",
        title="Inference leaks tensors",
        text="There are more tensors after the steady runs than before them.",
        hint="Loops (While, If) leak in the runtime itself: unroll_loops unrolls those of known length. Or set level.leak: off.",
    ),
)


def _errors(kind: type[TfjsciError]) -> Iterator[Rule]:
    for error in kind.__subclasses__():
        text = (error.__doc__ or error.code).strip().partition("\n\n")[0]
        title = error.code.replace("-", " ").capitalize().replace("Tensorflow", "TensorFlow")
        yield Rule(id=error.code, title=title, text=" ".join(text.split()), hint="The message says what to do.")
        yield from _errors(error)


RULES: Mapping[str, Rule] = {
    rule.id: rule
    for rule in (
        *_GATES,
        *_errors(TfjsciError),
        Rule(
            id=BUG,
            title="A bug of tfjsci",
            text="A stage ended in an error that tfjsci doesn't expect.",
            hint="Please report it, with the log file.",
        ),
    )
}
"""By id: the gates, then the errors in the order of their catalogue."""
