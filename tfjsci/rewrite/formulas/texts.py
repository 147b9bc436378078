"""Texts, as far as the runtime can change them: by regular expressions."""

from __future__ import annotations

from tfjsci.rewrite.build.tensor import Tensor, make


def replaced(x: Tensor, pattern: bytes, rewrite: bytes, *, every: bool = True) -> Tensor:
    """``x`` with each match of the pattern (or the first one) replaced."""
    return make(
        "StaticRegexReplace",
        [x],
        dtype="string",
        shape=x.shape,
        pattern=pattern,
        rewrite=rewrite,
        replace_global=every,
    )
