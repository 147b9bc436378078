"""The digits example's second manifest: a limit that four bits miss, the weights to blame, and the list that mends it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from end_to_end.command import EXAMPLES, call

from tfjsci.report.culprit import exclude_entry
from tfjsci.results.run_result import ModelResult
from tfjsci.results.store import read_results

DIGITS = EXAMPLES / "digits"
LIMIT_DB = 40.0


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The manifest in a folder of its own, beside what it names."""
    for name in ("models", "samples"):
        (tmp_path / name).symlink_to(DIGITS / name)
    return Path(shutil.copy(DIGITS / "too-coarse.yml", tmp_path))


def run(manifest: Path, capfd: pytest.CaptureFixture[str]) -> tuple[int, ModelResult, str]:
    out = manifest.parent / "out"
    done = call(capfd, "run", manifest, "-q", "-o", out).in_peace()
    (model,) = read_results(out / "results.json").models
    return done.code, model, (out / "report.md").read_text("utf-8")


def sqnr_db(model: ModelResult, variant: str) -> float:
    return next(each.outputs[0].sqnr_db or 0.0 for each in model.comparisons if each.variant == variant)


def brotli_bytes(model: ModelResult, variant: str) -> int:
    return next(each.download.brotli_bytes for each in model.artifacts if each.variant == variant)


def test_the_list_in_the_report_makes_it_pass(example: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, before, report = run(example, capfd)
    assert code == 1
    assert before.failures == ()
    assert {(each.variant, each.gate) for each in before.judgements if each.outcome == "fail"} == {("int4", "sqnr_db")}
    assert sqnr_db(before, "int4") < LIMIT_DB < sqnr_db(before, "uint8")

    (found,) = before.localizations
    assert found.layers[-1:] == ("conv2d_3",), "the first layer"
    ranking = found.ranking
    assert ranking is not None
    gains = [each.gain_db or 0.0 for each in ranking.weights]
    assert ranking.exclude == (ranking.weights[0].name,) == ("conv2d_3/kernel",)
    assert gains == sorted(gains, reverse=True)
    entry = exclude_entry(ranking)
    assert "```text\n" + "\n".join(entry) + "\n```" in report
    softmax = next(line for line in report.splitlines() if "`Softmax`" in line)
    assert "exact" not in softmax, "what it reads is off already"

    text = example.read_text("utf-8")
    place = re.search(r"( +)- scheme: int4\n", text)
    assert place
    pasted = "".join(f"{place[1]}  {line}\n" for line in entry)
    example.write_text(text[: place.end()] + pasted + text[place.end() :], "utf-8")
    code, after, _ = run(example, capfd)
    assert code == 0, after.judgements
    assert sqnr_db(after, "int4") > LIMIT_DB
    more = brotli_bytes(after, "int4") - brotli_bytes(before, "int4")
    assert 0 < more < 2 * ranking.more_bytes
    assert brotli_bytes(after, "int4") < 0.7 * brotli_bytes(after, "uint8")
