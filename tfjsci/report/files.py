"""What a visitor downloads, file by file, and variants beside each other as bars of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tfjsci.artifact.artifact import Artifact, FileSize
from tfjsci.escape import code, code_block, one_line
from tfjsci.report.tables import Column, markdown_table
from tfjsci.report.variants import ranked
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.units import show_bytes

_MOST_FILES = 12
"""Rows of one variant; of more files the others are one row."""

_MOST_BARS = 20
_LABEL = 24
_WIDEST_BAR = 40
_EIGHTHS = " ▏▎▍▌▋▊▉"

FIRST = "A page asks for model.json first, and then for all shards at once."


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """One file of a variant, or several that there is no room for; ``share`` is that of the variant's download with brotli."""

    variant: str
    size: FileSize
    first: bool
    share: float


def file_rows(model: ModelResult) -> list[FileRow]:
    """Every variant's files as they are asked for."""
    return [row for artifact in model.artifacts for row in _rows(artifact)]


def _rows(artifact: Artifact) -> list[FileRow]:
    files = list(artifact.download.files)
    if len(files) > _MOST_FILES:
        files = [*files[: _MOST_FILES - 1], _together(files[_MOST_FILES - 1 :])]
    whole = max(1, artifact.download.brotli_bytes)
    return [
        FileRow(variant=artifact.variant, size=size, first=n == 0, share=size.brotli_bytes / whole)
        for n, size in enumerate(files)
    ]


def _together(files: Sequence[FileSize]) -> FileSize:
    return FileSize(
        name=f"{len(files)} more",
        raw_bytes=sum(each.raw_bytes for each in files),
        gzip_bytes=sum(each.gzip_bytes for each in files),
        brotli_bytes=sum(each.brotli_bytes for each in files),
    )


FILES: list[Column[FileRow]] = [
    Column(title="Variant", cell=lambda row: row.variant, name=True),
    Column(title="File", cell=lambda row: row.size.name),
    Column(title="Asked for", cell=lambda row: "first" if row.first else "then"),
    Column(title="Raw", cell=lambda row: show_bytes(row.size.raw_bytes), align="right"),
    Column(title="gzip", cell=lambda row: show_bytes(row.size.gzip_bytes), align="right"),
    Column(title="brotli", cell=lambda row: show_bytes(row.size.brotli_bytes), align="right"),
    Column(title="Share", cell=lambda row: f"{100 * row.share:.1f} %", align="right"),
]


def files(run: RunResult) -> list[str]:
    """The markdown section: a table a model."""
    lines: list[str] = []
    for model in ranked(run):
        if rows := file_rows(model):
            lines += [f"**{code(model.name)}**", "", *markdown_table(FILES, rows), ""]
    return [FIRST, "", *lines[:-1]] if lines else []


def bars(model: ModelResult) -> list[str]:
    """A bar for each variant's download with brotli, as long as it is large; nothing of a single variant."""
    shown = model.artifacts[:_MOST_BARS]
    if len(shown) < 2:
        return []
    names = [one_line(each.variant, _LABEL) for each in shown]
    largest = max(1, *(each.download.brotli_bytes for each in shown))
    width = max(map(len, names))
    return code_block(
        "\n".join(
            f"{name:{width}} {bar(each.download.brotli_bytes / largest)} {show_bytes(each.download.brotli_bytes)}"
            for name, each in zip(names, shown, strict=True)
        )
    ).splitlines()


def bar(share: float) -> str:
    """A bar of text for a share of 1: blocks, and eighths of one at the end; what isn't nothing has an eighth at least."""
    eighths = max(1 if share > 0 else 0, round(share * _WIDEST_BAR * 8))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
