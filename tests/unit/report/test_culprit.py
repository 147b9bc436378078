"""Where a pair comes apart, in the report: the sentence, the path, the bars, the weights; nothing in a name comes alive."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from unit.report import fixtures
from unit.report.localizations import ERRORS, EXACT, LOST, RANKING, localization

from tfjsci.localize.localization import Closeness, InsideLoop, Localization, PathStep
from tfjsci.report.advice import findings
from tfjsci.report.culprit import culprits, error_rows, exclude_entry, mark_of, steps_of
from tfjsci.report.html import render_html
from tfjsci.report.markdown import render_markdown
from tfjsci.results.run_result import RunResult
from tfjsci.results.store import from_text, to_json


def run_with(*found: Localization) -> RunResult:
    return fixtures.run_result(replace(fixtures.gated(), localizations=found))


def test_the_markdown_has_the_path_with_the_culprit_marked() -> None:
    lines = culprits(run_with(localization()))
    assert lines[0].startswith("**`mobilenet`, float on wasm → uint8 on wasm:** Relu net/conv/Relu is the first")
    table = [line for line in lines if line.startswith("|")][:4]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table]
    assert cells[0] == ["", "Node", "Op", "Layer", "SQNR in", "SQNR out"]
    assert cells[2] == ["", "`net/x`", "`Pad`", "–", "exact", "exact"]
    assert [cell.replace("\u00a0", " ") for cell in cells[3]] == [
        "→", "`net/conv/Relu`", "`Relu`", "`conv`", "exact", "4.2 dB",
    ]  # fmt: skip


def test_the_bars_are_as_long_as_there_are_elements() -> None:
    assert error_rows(ERRORS) == [("exact", 5), ("1e-03 to 1e-02", 2), ("1e-02 to 1e-01", 40), ("1e-01 and more", 1)]
    text = "\n".join(culprits(run_with(localization())))
    assert f"1e-02 to 1e-01  {'█' * 24} 40" in text
    assert "1e-01 and more  █ 1" in text
    assert error_rows(replace(ERRORS, counts=(0, 0, 0, 0))) == [("exact", 5)]


def test_the_weights_are_ranked_with_a_list_to_paste() -> None:
    text = "\n".join(culprits(run_with(localization())))
    assert (
        "With 1 weight left as float the outputs come from 12.0 dB to 31.0 dB, which meets 20 dB, for 3.00 kB more"
        in text
    )
    assert "exclude:\n  - 'conv/kernel'" in text
    assert re.search(r"\| `conv/kernel` +\| +31\.0.dB \| +19\.0.dB \|", text)
    odd = replace(RANKING, exclude=("b*[0]'s",), meets=False)
    assert exclude_entry(odd) == ["exclude:", "  - 'b[*][[]0]''s'"]
    told = "\n".join(culprits(run_with(localization(ranking=odd))))
    assert "still falls short of 20 dB" in told


def test_nothing_is_given_to_be_pasted_where_only_the_float_model_would_do() -> None:
    every = replace(RANKING, exclude=("conv/kernel", "b*[0]'s"), excluded=EXACT)
    assert exclude_entry(every) == []
    run = run_with(localization(ranking=every))
    text = "\n".join(culprits(run))
    assert "nothing short of all 2 weights left as float meets 20 dB: this scheme is too coarse here" in text
    assert "exclude:" not in text
    assert "exclude:" not in render_html(run)
    steps = [step for finding in findings(run.models[0]) if finding.variant == "uint8" for step in finding.steps]
    assert not any("A list to paste" in step.text or "sensitive weights" in step.text for step in steps)
    assert any("more bits" in step.text for step in steps)


def test_where_another_limit_was_missed_the_one_that_stands_in_is_said_to() -> None:
    """The SQNR kept its own: no list of weights is known to be enough, and no scheme to be too coarse."""
    other = replace(RANKING, limit_db=38.6933, excluded=Closeness(sqnr_db=40.7), stands_in=True)
    run = run_with(localization(ranking=other))
    text = "\n".join(culprits(run))
    assert "which meets 38.7 dB, for" in text
    assert "38.7 dB is a little more than now: the SQNR kept its limit" in text
    first = next(each for each in findings(run.models[0]) if each.variant == "uint8").steps[0]
    assert first.text.startswith(
        "Leave {} as float: that gives 40.7 dB, for 3.00 kB more, which may not be enough for this limit."
    )
    every = replace(other, exclude=("conv/kernel", "b*[0]'s"), excluded=EXACT)
    text = "\n".join(culprits(run_with(localization(ranking=every))))
    assert "too coarse" not in text
    assert "a little more than now" in text
    assert "than now" not in "\n".join(culprits(run_with(localization(ranking=RANKING))))


def test_inside_of_a_loop_the_way_is_shown_behind_the_loop() -> None:
    inside = InsideLoop(
        turn=2, node="body/mm", op="MatMul", layers=("cell",), into=EXACT, out=LOST,
        path=(
            PathStep(node="body/a", op="Tanh", layers=(), into=EXACT, out=EXACT),
            PathStep(node="body/mm", op="MatMul", layers=("cell",), into=EXACT, out=LOST),
        ),
    )  # fmt: skip
    found = localization(inside=inside)
    behind = PathStep(node="net/out", op="Relu", layers=(), into=LOST, out=LOST)
    found = replace(found, path=(*found.path, behind))
    assert [(mark_of(found, step), step.node) for step in steps_of(found)] == [
        ("", "net/x"), ("→", "net/conv/Relu"), ("↳", "body/a"), ("↳ →", "body/mm"), ("", "net/out"),
    ]  # fmt: skip
    run = run_with(found)
    assert from_text(to_json(run, folder=Path("/")), name="results.json") == run
    steps = [step for finding in findings(run.models[0]) for step in finding.steps if step.text.startswith("Look at")]
    assert steps[0].names == ("MatMul", "body/mm", "cell", "net/conv/Relu")
    assert steps[0].text == "Look at {} {} ({}), in turn 2 of the loop {}: its inputs agree and its output doesn't."
    for text in ("\n".join(culprits(run)), render_html(run)):
        assert text.index("net/conv/Relu") < text.index("body/a") < text.index("net/out")


def test_time_that_ran_out_and_nothing_to_leave_out_are_told() -> None:
    idle = replace(RANKING, exclude=(), more_bytes=0, quantized=Closeness(sqnr_db=22.0), tried=1, total=2)
    text = "\n".join(culprits(run_with(localization(ranking=idle))))
    assert "nothing need be left out on these inputs. Of 2 weights 1 were tried before time ran out." in text
    assert "exclude:" not in text


def test_the_page_has_the_same_and_the_errors_as_a_picture() -> None:
    page = render_html(run_with(localization()))
    assert "Where it goes wrong: float on wasm → uint8 on wasm" in page
    assert "<code>net/conv/Relu</code>" in page
    assert '<title id="model-1-culprit-1-errors-title">Errors of Relu, float on wasm → uint8 on wasm</title>' in page
    assert "1e-02 to 1e-01: 40" in page
    assert "  - &#39;conv/kernel&#39;" in page


def test_what_to_do_names_the_weights_and_the_node_first() -> None:
    model = run_with(localization()).models[0]
    variants = {each.variant for each in findings(model)}
    assert "uint8" in variants, variants
    first = next(each for each in findings(model) if each.variant == "uint8").steps
    assert first[0].names == ("conv/kernel",)
    assert "31.0 dB, for 3.00 kB more" in first[0].text
    assert first[1].names == ("Relu", "net/conv/Relu", "conv")
    other = replace(model, localizations=(localization(variant="float16"),))
    without = next(each for each in findings(other) if each.variant == "uint8").steps
    assert without[0] != first[0]
    guess = "Keep the sensitive weights as they are"
    assert without[0].text.startswith(guess)
    assert not any(step.text.startswith(guess) for step in first), "the list tells which"
    short = localization(ranking=replace(RANKING, meets=False))
    told = next(each for each in findings(replace(model, localizations=(short,))) if each.variant == "uint8").steps
    assert any(step.text.startswith(guess) for step in told), "a list that doesn't help is no answer"


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a|b`c\n# d @octo", "{{ x }}\u202egpj"])
def test_nothing_in_a_name_comes_alive(name: str) -> None:
    hostile = localization(
        name,
        layers=(name,),
        variant=name,
        reference=name,
        ranking=replace(RANKING, exclude=(name,), weights=(replace(RANKING.weights[0], name=name),)),
    )
    run = run_with(hostile)
    page, text = render_html(run), render_markdown(run)
    assert "<script" not in page
    assert "<script>" not in re.sub(r"`[^`]*`|```.*?```", "", text, flags=re.DOTALL)
    assert "\u202e" not in page + text
    assert "\n# d" not in text


def test_it_is_kept_in_the_results() -> None:
    run = run_with(localization(), localization(errors=None, ranking=None, path=(), backend=None))
    assert from_text(to_json(run, folder=Path("out")), name="r").models[0].localizations == run.models[0].localizations
