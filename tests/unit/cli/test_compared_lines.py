"""What ``tfjsci compare`` says of two models: a row for each output and backend, the misses in words, names made harmless."""

from __future__ import annotations

from dataclasses import replace

from unit.report import fixtures
from unit.report.localizations import localization

from tfjsci.cli.compared import model_lines, run_lines
from tfjsci.inputs.summary import InputSummary
from tfjsci.verdict.tolerances import CONVERSION
from tfjsci.versus.compared import Change, ModelsCompared, PairOnBackend, RunsCompared
from tfjsci.versus.hold import hold


def compared(name: str = "logits", **limits: float) -> ModelsCompared:
    outputs = (fixtures.output(55.0, name=name), fixtures.output(None, name="same", exact=True))
    pair = PairOnBackend(
        backend="wasm",
        environment=fixtures.ENVIRONMENTS["wasm"],
        outputs=outputs,
        held=hold(outputs, limits, CONVERSION),
    )
    return ModelsCompared(
        a="m.keras",
        b="web",
        a_runs_in="TensorFlow",
        b_runs_in="browser",
        inputs=(InputSummary(name=name, dtype="float32", shape=(3, 8), origin="random, seed 0"),),
        random=True,
        pairs=(pair,),
    )


def test_a_row_for_each_output_with_its_verdict() -> None:
    lines = list(model_lines(compared(), all_rows=False))
    assert lines[:3] == [
        "A  m.keras (in TensorFlow)",
        "B  web (in the browser)",
        "   input logits [3, 8]: random, seed 0",
    ]
    heads = next(line for line in lines if line.startswith("backend"))
    assert heads.split()[:3] == ["backend", "output", "SQNR"]
    rows = [line for line in lines if line.startswith("wasm")]
    assert [row.split()[1] for row in rows] == ["logits", "same"]
    assert rows[0].endswith("✗ missed")
    assert rows[1].endswith("✓ the same")
    assert lines[-1] == "✗ wasm, output logits: SQNR 55 dB, the limit is 60 dB (the default)"


def test_what_is_kept_is_told_only_when_asked() -> None:
    kept = compared(sqnr_db=50.0)
    assert not any(line.startswith("✓") for line in model_lines(kept, all_rows=False))
    assert "✓ wasm, output logits: SQNR 55 dB, the limit is 50 dB" in list(model_lines(kept, all_rows=True))


def test_a_limit_that_was_held_against_nothing_does_not_look_kept() -> None:
    """Of random inputs there is no top-1 agreement, so whoever asks for it alone must not read that it was kept."""
    outputs = (fixtures.output(55.0, top1=None), fixtures.output(None, name="same", exact=True))

    def told(**limits: float) -> list[str]:
        found = compared()
        pair = replace(found.pairs[0], outputs=outputs, held=hold(outputs, limits, CONVERSION))
        return list(model_lines(replace(found, pairs=(pair,)), all_rows=False))

    unheld = told(top1=1.0)
    row = next(line for line in unheld if line.startswith("wasm") and "logits" in line)
    assert row.endswith("– not held")
    assert not any(line.startswith("!") for line in unheld)  # the output that is the same, bit for bit, does meet it
    outputs = outputs[:1]
    assert told(top1=1.0)[-1] == (
        "! wasm: top-1 agreement has no number here, so its limit wasn't held against anything: "
        "the inputs are random, and say nothing of classes; give real ones with --inputs"
    )
    kept = next(line for line in told(top1=1.0, sqnr_db=50.0) if line.startswith("wasm"))
    assert kept.endswith("✓ kept")


def test_the_culprit_follows_with_its_path_errors_and_weights() -> None:
    found = compared()
    pair = replace(found.pairs[0], localization=localization())
    text = "\n".join(model_lines(replace(found, pairs=(pair,)), all_rows=False))
    assert "wasm, float on wasm → uint8 on wasm:\n  Relu net/conv/Relu is the first" in text
    assert "  →  net/conv/Relu  Relu  conv     exact    4.2 dB" in text
    assert f"  1e-02 to 1e-01  {'█' * 30} 40" in text
    assert "    exclude:\n      - 'conv/kernel'" in text


def test_two_numbers_that_differ_never_look_alike() -> None:
    """``cosine 1 1 ✗ worse``: as many digits as tell them apart, and no more where three do."""

    def cells(metric: str, unit: str, a: float | None, b: float | None) -> list[str]:
        changes = (Change(what="m", metric=metric, unit=unit, a=a, b=b, direction="worse"),)
        row = next(
            line for line in run_lines(RunsCompared(a="a", b="b", changes=changes), all_rows=False) if line[:2] == "m "
        )
        return [each for each in row.split("  ") if each.strip()][2:4]

    assert cells("cosine", "", 0.9999999, 0.9999998) == ["0.9999999", "0.9999998"]
    assert cells("cosine", "", 0.99, 0.98) == ["0.99", "0.98"]
    assert [each.strip() for each in cells("raw_bytes", "B", 7010.0, 7011.0)] == ["7010 B", "7011 B"]
    assert [each.strip() for each in cells("sqnr_db", "dB", 60.0, 50.0)] == ["60 dB", "50 dB"]
    assert [each.strip() for each in cells("sqnr_db", "dB", None, 50.0)] == ["exact", "50 dB"]
    assert [each.strip() for each in cells("nodes", "", 10.0, 11.0)] == ["10", "11"]


def test_nothing_in_a_name_steers_the_terminal() -> None:
    text = "\n".join(model_lines(compared("x\n\x1b[2J\u202e"), all_rows=True))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "x␊␛[2J\\u202e" in text
