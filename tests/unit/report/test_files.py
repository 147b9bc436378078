"""What a visitor downloads, file by file, and the bars of text."""

from __future__ import annotations

from dataclasses import replace

from unit.report import fixtures

from tfjsci.artifact.artifact import Download, FileSize
from tfjsci.report.files import bars, file_rows, files
from tfjsci.results.run_result import ModelResult


def size(name: str, count: int) -> FileSize:
    return FileSize(name=name, raw_bytes=count, gzip_bytes=count // 2, brotli_bytes=count // 4)


def model_of(**files_by_variant: tuple[FileSize, ...]) -> ModelResult:
    artifacts = [
        replace(
            fixtures.artifact("m", variant, 4),
            download=Download(
                raw_bytes=sum(each.raw_bytes for each in found),
                gzip_bytes=sum(each.gzip_bytes for each in found),
                brotli_bytes=sum(each.brotli_bytes for each in found),
                files=found,
            ),
        )
        for variant, found in files_by_variant.items()
    ]
    return replace(fixtures.all_pass().models[0], artifacts=tuple(artifacts))


def test_model_json_is_first_and_shares_are_of_the_variant() -> None:
    rows = file_rows(model_of(float=(size("model.json", 400), size("a.bin", 1200))))
    assert [(row.size.name, row.first, row.share) for row in rows] == [
        ("model.json", True, 0.25),
        ("a.bin", False, 0.75),
    ]


def test_many_shards_are_twelve_rows_and_no_byte_is_lost() -> None:
    shards = tuple(size(f"{n}.bin", 100 * n) for n in range(1, 40))
    rows = file_rows(model_of(float=(size("model.json", 400), *shards)))
    assert len(rows) == 12
    assert rows[-1].size.name == "29 more"
    assert sum(row.size.raw_bytes for row in rows) == 400 + sum(100 * n for n in range(1, 40))


def test_bars_are_as_long_as_the_downloads_are_large() -> None:
    model = model_of(float=(size("m", 4_000),), float16=(size("m", 2_000),), tiny=(size("m", 4),))
    assert bars(model) == [
        "```text",
        "float   " + "█" * 40 + " 1.00 kB",
        "float16 " + "█" * 20 + " 500 B",
        "tiny    ▏ 1 B",
        "```",
    ]


def test_a_single_variant_has_no_bars() -> None:
    assert bars(model_of(float=(size("m", 4_000),))) == []


def test_results_without_files_have_no_section() -> None:
    run = fixtures.all_pass()
    assert files(replace(run, models=(model_of(float=()),))) == []


def test_names_stay_data() -> None:
    shown = "\n".join(files(replace(fixtures.all_pass(), models=(model_of(float=(size("a|`b`<b>", 8),)),))))
    assert "<b>" not in shown
