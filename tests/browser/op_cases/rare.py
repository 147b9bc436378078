"""Cases of the categories evaluation, dynamic, sparse, spectral and string."""

from __future__ import annotations

from typing import Any

from tfjsci.graph.graph import DType

from .case import FLOAT, INT, OpCase, boolean, c64, case, f32, i32, text, wave

_SORTED = f32([[0.0, 1.0, 2.0, 4.0], [-1.0, 0.0, 0.5, 3.0]])
_SOUGHT = f32([[1.0, 3.0], [-2.0, 0.5]])

EVALUATION: tuple[OpCase, ...] = (
    case("LowerBound", _SORTED, _SOUGHT, T=FLOAT, out_type=INT),
    case("UpperBound", _SORTED, _SOUGHT, T=FLOAT, out_type=INT),
    case("TopKV2", wave(2, 6), i32(3), outputs=2, T=FLOAT, sorted=True),
    case("TopKV2/int32", i32([[3, 9, 1, 7]]), i32(2), outputs=2, T=INT, sorted=True),
    case("UniqueV2/axis", f32([[1, 2], [3, 4], [1, 2]]), i32([0]), outputs=2, T=FLOAT, Taxis=INT, out_idx=INT),
    case("UniqueV2/flat", f32([4.0, 1.0, 4.0]), i32([]), outputs=2, T=FLOAT, Taxis=INT, out_idx=INT),
    case("TopKV2/all", wave(2, 6), i32(6), outputs=2, T=FLOAT, sorted=True),
    case("TopKV2/ties", f32([1.0, 3.0, 3.0, 2.0]), i32(3), outputs=2, T=FLOAT, sorted=True),
    case("Unique", f32([4.0, 1.0, 4.0, 2.0, 1.0]), outputs=2, T=FLOAT, out_idx=INT),
    case("Unique/string", text([b"b", b"a", b"b"]), outputs=2, T=DType("string"), out_idx=INT),
    case("Unique/int32", i32([3, 1, 3]), outputs=2, T=INT, out_idx=INT),
    case("UniqueV2", f32([4.0, 1.0, 4.0, 2.0, 1.0]), i32([0]), outputs=2, T=FLOAT, Taxis=INT, out_idx=INT),
)

_BOXES = f32([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, -0.1, 1, 0.9], [0, 10, 1, 11], [0, 10.1, 1, 11.1], [0, 100, 1, 101]])
_SCORES = f32([0.9, 0.75, 0.6, 0.95, 0.5, 0.3])
_NMS = (_BOXES, _SCORES, i32(4), f32(0.50003))  # no overlap is this, nor does anyone write it
_THIRDS = f32([[0, 0, 20, 1], [0, 0, 9, 1], [0, 0, 5, 1]])
"""Overlaps of 0.45, 0.25 and 5/9."""

DYNAMIC: tuple[OpCase, ...] = (
    case("NonMaxSuppressionV2", *_NMS, T=FLOAT),
    case("NonMaxSuppressionV3", *_NMS, f32(0.2), T=FLOAT),
    case("NonMaxSuppressionV4", *_NMS, f32(0.2), outputs=2, T=FLOAT, pad_to_max_output_size=True),
    case("NonMaxSuppressionV5", *_NMS, f32(0.2), f32(0.0), outputs=2, T=FLOAT, pad_to_max_output_size=False),
    case("NonMaxSuppressionV5/soft", *_NMS, f32(0.2), f32(0.5), outputs=2, T=FLOAT, pad_to_max_output_size=False),
    case("NonMaxSuppressionV3/touching", _THIRDS, f32([0.9, 0.8, 0.7]), i32(3), f32(0.45), f32(0.2), T=FLOAT),
    case(
        "NonMaxSuppressionV4/beyond",
        *(_BOXES, _SCORES, i32(9), f32(0.50003), f32(0.2)),
        outputs=2,
        T=FLOAT,
        pad_to_max_output_size=True,
    ),
    case("NonMaxSuppressionV5/padded", *_NMS, f32(0.2), f32(0.0), outputs=2, T=FLOAT, pad_to_max_output_size=True),
    case("NonMaxSuppressionV5/counted", *_NMS, f32(0.2), f32(0.0), outputs=3, T=FLOAT, pad_to_max_output_size=False),
    case("Where", boolean([[True, False], [True, True]]), T=INT),
    case("NonMaxSuppressionV4/unpadded", *_NMS, f32(0.2), outputs=2, T=FLOAT, pad_to_max_output_size=False),
    case("Where/float", f32([[0.0, 0.25], [-0.5, 0.0]]), T=FLOAT),
    case("ListDiff", i32([1, 2, 3, 4, 5]), i32([1, 3, 5]), outputs=2, T=INT, out_idx=INT),
)

_INT64 = ("int64",) * 3
_INDICES = i32([[0, 0], [2, 1]])

SPARSE: tuple[OpCase, ...] = (
    case(
        "SparseFillEmptyRows",
        _INDICES,
        f32([1.0, 2.0]),
        i32([3, 2]),
        f32(0.5),
        outputs=4,
        types=("int64", "", "int64"),
        T=FLOAT,
    ),
    case("SparseReshape", _INDICES, i32([3, 2]), i32([2, -1]), outputs=2, types=_INT64),
    case("SparseSegmentMean", wave(4, 3), i32([0, 2, 3]), i32([0, 0, 1]), T=FLOAT, Tidx=INT),
    case("SparseSegmentSum", wave(4, 3), i32([0, 2, 3]), i32([0, 0, 1]), T=FLOAT, Tidx=INT),
)

SPECTRAL: tuple[OpCase, ...] = (
    case("FFT", c64(2, 4)),
    case("FFT/odd", c64(2, 5)),
    case("IFFT", c64(2, 4)),
    case("RFFT", wave(2, 8), i32([8])),
    case("RFFT/rank-1", wave(8), i32([8])),
    case("RFFT/cut", wave(2, 8), i32([6])),
    case("IRFFT", c64(2, 5), i32([8])),
    case("IRFFT/odd", c64(2, 5), i32([9])),
)

_WORDS = text([b"the quick fox", b"a b"])
_NGRAMS: dict[str, Any] = {"left_pad": b"<", "right_pad": b">", "preserve_short_sequences": False}


def _ngrams(name: str, separator: bytes, **more: bytes) -> OpCase:
    return case(
        name,
        text([b"a", b"b", b"c", b"d"]),
        i32([0, 3, 4]),
        outputs=2,
        Tsplits=INT,
        separator=separator,
        ngram_widths=(2,),
        pad_width=1,
        **{**_NGRAMS, **more},
    )


STRING: tuple[OpCase, ...] = (
    case("StaticRegexReplace", _WORDS, pattern=b"[aeiou]", rewrite=b"_", replace_global=True),
    case("StaticRegexReplace/first", _WORDS, pattern=b"[aeiou]", rewrite=b"_", replace_global=False),
    case("StaticRegexReplace/flag", text([b"ABC abc"]), pattern=b"(?i)a", rewrite=b"x", replace_global=True),
    case("StaticRegexReplace/capital", text([b"a b-c"]), pattern=b"a", rewrite=b"A", replace_global=True),
    _ngrams("StringNGrams", b" "),
    _ngrams("StringNGrams/upper", b"X"),
    _ngrams("StringNGrams/upper-pad", b" ", left_pad=b"LEFT"),
    case("StringSplit/keep-empty", text([b"a  b"]), text(b" "), outputs=3, skip_empty=False),
    case("StringSplit", _WORDS, text(b" "), outputs=3, skip_empty=True),
    case("StringToHashBucketFast", text([b"a", b"hello", b""]), num_buckets=100),
)
