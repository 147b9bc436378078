"""What a report says against the base, in markdown and in a terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace

from markdown_it import MarkdownIt
from rich.console import Console
from unit.report.fixtures import ENVIRONMENTS, EVIL, artifact, comparison, digits, output, run_result

from tfjsci.baseline.change import TimeChange, identical, incomparable
from tfjsci.baseline.comparison import BaselineComparison, BaseOrigin, DroppedModels
from tfjsci.baseline.difference import VariantDifference, difference
from tfjsci.baseline.numbers import NumbersChange
from tfjsci.compare.comparison import OutputComparison
from tfjsci.report.baseline import against_base, change_line, show_time, terminal_lines
from tfjsci.report.comment import About, render_comment
from tfjsci.report.markdown import render_markdown
from tfjsci.report.terminal import render_terminal
from tfjsci.results.run_result import ModelResult, RunResult

MAIN = BaseOrigin(kind="ref", name="origin/main", commit="0123456789abcdef" * 2 + "01234567")
SLOWER = TimeChange(variant="float", backend="wasm", verdict="slower", ratio=1.124, low=1.098, high=1.151)
UNCLEAR = TimeChange(variant="float", backend="webgl", verdict="unclear", ratio=0.99, low=0.95, high=1.0321)


def bigger() -> VariantDifference:
    before = artifact("digits", "float", 10_000)
    now = replace(
        artifact("digits", "float", 12_000),
        nodes=13, ops={"Reshape": 1, "_FusedConv2D": 4, "_FusedMatMul": 2, "Elu": 1}, sha256="other",
    )  # fmt: skip
    return difference(
        before,
        now,
        base_comparisons=[comparison("float", "wasm", output(90.0))],
        head_comparisons=[comparison("float", "wasm", output(88.5))],
    )


def same() -> VariantDifference:
    made = artifact("digits", "float", 10_000)
    return difference(made, made)


def model(name: str = "digits", **changes: object) -> ModelResult:
    return replace(digits(name), baseline=BaselineComparison(origin=MAIN, **changes))  # type: ignore[arg-type]


def changed() -> RunResult:
    return run_result(model(variants=(bigger(),), times=(UNCLEAR, SLOWER)), model("steady", variants=(same(),)))


def cells(lines: list[str], name: str) -> list[str]:
    (line,) = (line for line in lines if line.startswith(f"| `{name}`"))
    # as it reads once it is rendered
    line = line.replace("\N{NO-BREAK SPACE}", " ").replace("\\", "")
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_table_has_every_difference_as_a_difference() -> None:
    lines = against_base(changed())
    assert lines[0].startswith("Base: `origin/main` (`0123456789ab`). Times: this run's over the base's")
    assert cells(lines, "digits") == [
        "`digits`", "`float`", "12.0 kB", "+2.00 kB (+20.0 %)", "+1.76 kB (+20.0 %)", "3,000 (+500)", "13 (+2)",
        "+1 Elu, +1 _FusedConv2D, −1 MaxPool", "−1.50, wasm",
        "−1.0 % (−5.0 to +3.2), unclear", "+12.4 % (+9.8 to +15.1), slower",
    ]  # fmt: skip
    assert cells(lines, "steady")[3:9] == ["±0 B", "±0 B", "2,500", "11", "–", "–"]


def test_one_line_under_the_verdicts_says_what_changed_and_only_if_it_did() -> None:
    assert change_line(changed()) == [
        "Against `origin/main` (`0123456789ab`): 1 of 2 models changed; "
        "`digits` `float` downloads +1.76 kB (+20.0 %) in brotli; `digits` `float` on wasm is slower: +12.4 % (+9.8 to +15.1).",
        "",
    ]
    assert change_line(run_result(model(variants=(same(),), times=(identical("float", "wasm"),)))) == []
    assert change_line(run_result(digits())) == []
    text = render_markdown(changed())
    assert text.index("| Model") < text.index("Against `origin/main`") < text.index("Compared with the base")


def test_a_download_that_hardly_changed_is_not_told_at_once() -> None:
    before = artifact("digits", "float", 100_000)
    for size, told in ((100_500, False), (101_500, True), (98_000, True)):
        other = difference(before, replace(artifact("digits", "float", size), sha256="x"))
        (line, _) = change_line(run_result(model(variants=(other,))))
        assert ("downloads" in line) == told, line


def test_a_run_without_a_base_has_no_word_of_one() -> None:
    assert against_base(run_result(digits())) == []
    assert "base" not in render_markdown(run_result(digits()))
    assert terminal_lines(run_result(digits())) == []


def test_a_base_that_cant_be_had_is_said_once_for_all_models() -> None:
    reason = "the repository has no commit origin/main; this clone is shallow: check out with fetch-depth: 0"
    run = run_result(model("a", unclear=reason), model("b", unclear=reason))
    assert change_line(run) == [f"Unclear against `origin/main` (`0123456789ab`): {reason}.", ""]
    assert against_base(run)[2:] == [f"- `a`, `b`: unclear: {reason}"]
    assert "pass" in render_markdown(run).splitlines()[0], "it fails nothing"


def test_a_model_that_the_base_doesnt_have_is_new_beside_others_that_changed() -> None:
    added = model("added", variants=(difference(None, artifact("added", "float", 3_000)),))
    run = run_result(model(variants=(bigger(),)), added)
    assert change_line(run) == [
        "Against `origin/main` (`0123456789ab`): 1 of 2 models changed; "
        "`added` is new; `digits` `float` downloads +1.76 kB (+20.0 %) in brotli.",
        "",
    ]
    assert cells(against_base(run), "added")[1:5] == ["`float`", "3.00 kB", "new", "new"]
    assert "added against origin/main: float, new" in terminal_lines(run)
    two = run_result(added, replace(added, name="more"), model("steady", variants=(same(),)))
    assert change_line(two)[0].endswith(": 0 of 3 models changed; `added`, `more` are new.")
    alone = run_result(added, model("steady", variants=(same(),)))
    assert change_line(alone)[0].endswith(": 0 of 2 models changed; `added` is new.")


def without(run: RunResult, *names: str) -> RunResult:
    return replace(run, dropped=DroppedModels(origin=MAIN, names=names))


def test_a_model_that_only_the_base_has_is_told_everywhere_and_fails_nothing() -> None:
    run = without(run_result(model(variants=(bigger(),)), model("steady", variants=(same(),))), "old")
    assert change_line(run)[0] == (
        "Against `origin/main` (`0123456789ab`): 1 of 2 models changed; `old` is no longer in the manifest; "
        "`digits` `float` downloads +1.76 kB (+20.0 %) in brotli."
    )
    assert against_base(run)[-1] == "- `old`: no longer in the manifest"
    assert terminal_lines(run)[-1] == "old against origin/main: no longer in the manifest"
    assert render_markdown(run).splitlines()[0] == render_markdown(replace(run, dropped=None)).splitlines()[0]
    several = without(run_result(model(variants=(same(),))), *"abcde")
    assert change_line(several)[0].endswith(
        ": 0 of 1 model changed; `a`, `b`, `c` and 2 more are no longer in the manifest."
    )
    assert terminal_lines(several) == ["a, b, c, d, e against origin/main: no longer in the manifest"]
    assert "`old`" in render_comment(run, About(sha="0" * 40), marker="<!-- m -->")


def test_a_model_that_only_the_base_has_is_told_beside_models_that_say_nothing() -> None:
    alone = without(run_result(digits()), "old")  # it couldn't be converted, so it wasn't held against anything
    assert change_line(alone)[0] == "Against `origin/main` (`0123456789ab`): `old` is no longer in the manifest."
    assert against_base(alone) == [
        "Base: `origin/main` (`0123456789ab`).", "", "- `old`: no longer in the manifest",
    ]  # fmt: skip
    reason = "the base has no artifact of this model: it couldn't be converted there"
    unclear = without(run_result(model(unclear=reason)), "old")
    assert change_line(unclear)[0].endswith(": 0 of 1 model changed; `old` is no longer in the manifest.")
    assert against_base(unclear)[2:] == [
        f"- `digits`: unclear: {reason}", "- `old`: no longer in the manifest",
    ]  # fmt: skip
    evil = without(run_result(digits()), EVIL)
    assert EVIL not in render_markdown(evil)
    assert "\x1b" not in "".join(terminal_lines(evil))


def test_outputs_that_are_others_are_told_first_and_once_a_model() -> None:
    def line(*ratios: float) -> str:
        numbers = tuple(
            NumbersChange(variant=variant, backend="wasm", outputs=(output(ratio),))
            for variant, ratio in zip(("float", "uint8"), ratios, strict=False)
        )
        coarse = replace(bigger(), variant="uint8")
        return change_line(run_result(model(variants=(bigger(), coarse), numbers=numbers)))[0]

    assert "changed; `digits` `float` gives other outputs (−3.2 dB, wasm); `digits` `float` downloads" in line(-3.2, -3)
    assert line(-3.2, -3).count("other outputs") == 1
    assert "`digits` `uint8` gives other outputs (40 dB, wasm)" in line(60.0, 40.0)
    assert "other outputs" not in line(60.0, 61.0), "as near as a right conversion"


def test_reasons_for_having_no_interval_are_told_below_the_table() -> None:
    run = run_result(
        model(variants=(bigger(),), times=(incomparable("float", "wasm", "the input x is new"),), notes=("a note",))
    )
    lines = against_base(run)
    assert cells(lines, "digits")[-1] == "incomparable"
    assert lines[-2:] == ["- `digits` `float` on wasm: incomparable: the input x is new", "- `digits`: a note"]


def test_a_new_variant_has_no_differences() -> None:
    lines = against_base(run_result(model(variants=(difference(None, artifact("digits", "uint8", 3_000)),))))
    assert cells(lines, "digits")[1:7] == ["`uint8`", "3.00 kB", "new", "new", "750", "11"]


def test_exact_before_is_not_a_number() -> None:
    exact = difference(
        artifact("digits", "float", 1000), replace(artifact("digits", "float", 1000), sha256="x"),
        base_comparisons=[comparison("float", "wasm", output(None, exact=True))],
        head_comparisons=[comparison("float", "wasm", output(99.0))],
    )  # fmt: skip
    assert cells(against_base(run_result(model(variants=(exact,)))), "digits")[-1] == "exact before, wasm"


def test_a_software_renderers_time_says_so_wherever_it_stands() -> None:
    software = replace(SLOWER, backend="webgl", environment=ENVIRONMENTS["webgl"])
    run = run_result(model(variants=(bigger(),), times=(software, replace(SLOWER, environment=ENVIRONMENTS["wasm"]))))
    header = next(line for line in against_base(run) if line.startswith("| Model"))
    assert "| Time, webgl (software)" in header
    assert "| Time, wasm " in header
    assert "on webgl (software) is slower" in change_line(run)[0]
    assert "on wasm is slower" in change_line(run)[0]
    assert "slower on webgl (software) +12.4 %" in terminal_lines(run)[0]


def test_no_interval_shows_as_nothing() -> None:
    assert show_time(identical("float", "wasm")) == ""


def test_the_terminal_has_a_line_for_each_model_that_changed() -> None:
    run = run_result(model(variants=(bigger(),), times=(SLOWER,)), model("steady", variants=(same(),)))
    (line,) = terminal_lines(run)
    told = "float, +2.00 kB (+20.0 %), brotli +1.76 kB (+20.0 %), slower on wasm +12.4 % (+9.8 to +15.1)"
    assert line == f"digits against origin/main: {told}"
    out = io.StringIO()
    render_terminal(run, Console(file=out, width=200))
    assert line in out.getvalue()
    assert terminal_lines(run_result(model(unclear="no such commit"))) == [
        "digits against origin/main: unclear: no such commit"
    ]


def test_nothing_from_outside_acts_in_a_report() -> None:
    origin = BaseOrigin(kind="folder", name=EVIL, commit=EVIL)
    spoilt = replace(bigger(), variant=EVIL, ops_added={EVIL: 1}, ops_removed={EVIL: 2})
    times = (replace(SLOWER, variant=EVIL), incomparable(EVIL, "cpu", EVIL))
    evil = BaselineComparison(origin=origin, variants=(spoilt,), times=times, notes=(EVIL,))
    run = run_result(
        replace(digits(EVIL), baseline=evil),
        replace(digits("b"), baseline=BaselineComparison(origin=origin, unclear=EVIL)),
    )
    html = MarkdownIt("commonmark", {"html": True}).enable(["table"]).render(render_markdown(run))
    text = re.sub(r"<(code|pre)\b.*?</\1>", "", html, flags=re.DOTALL)
    assert "octocat" in text
    assert not re.search(r"@octocat|#1\b|https://|<script|<img|<!--|\x1b|\u202e", text)
    assert html.count("<details>") == html.count("</details>")
    assert all("\x1b" not in line and "\u202e" not in line for line in terminal_lines(run))


def test_a_hundred_models_with_a_base_still_fit_into_a_comment() -> None:
    run = run_result(*(model(f"m{n}", variants=(bigger(),) * 4, times=(UNCLEAR, SLOWER)) for n in range(100)))
    assert len(render_comment(run, About(sha="a" * 40), marker="<!-- m -->")) <= 65_536


def test_how_far_the_outputs_are_from_the_bases() -> None:
    def cell(*outputs: OutputComparison) -> str:
        numbers = (NumbersChange(variant="float", backend="wasm", outputs=outputs),)
        run = run_result(model(variants=(bigger(),), numbers=numbers))
        return cells(against_base(run), "digits")[-1]

    assert cell(output(80.0), output(61.5, name="boxes")) == "61.5 dB, wasm"
    assert cell(output(None, exact=True)) == "the same, wasm"
    assert cell(output(80.0), output(None, problem="the output is missing")) == "logits: the output is missing"
    assert "Outputs, base" not in "".join(against_base(changed()))


def test_why_outputs_were_not_compared() -> None:
    numbers = (NumbersChange(variant="float", backend="wasm", reason="the input x is new"),)
    lines = against_base(run_result(model(variants=(bigger(),), numbers=numbers)))
    assert "- `digits` `float` on wasm: outputs not compared: the input x is new" in lines
