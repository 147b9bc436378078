"""f(x)  ->  Complex(f(Real(x)), f(Imag(x))) for every f that moves, adds or sums numbers

The op itself on each part: what stands elsewhere for a complex number is now two real ones at the same place.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.rewrite.build import Tensor, make_many
from tfjsci.rewrite.formulas.complex_parts import NOT_COMPLEX, Parts, complex_of, is_complex, part_attrs, parts_of
from tfjsci.rewrite.lowering import Lowering, Outputs, Subject
from tfjsci.rewrite.rule import Declined

OPS = (
    "Add", "AddN", "AddV2", "BatchToSpaceND", "BiasAdd", "BroadcastTo", "Concat", "ConcatV2", "Cumsum", "DepthToSpace",
    "ExpandDims", "ExtractImagePatches", "Fill", "Gather", "GatherNd", "GatherV2", "Identity", "MatrixBandPart",
    "MatrixDiag", "MatrixDiagPart", "MatrixDiagPartV2", "MatrixDiagPartV3", "MatrixDiagV2", "MatrixDiagV3",
    "MatrixSetDiag", "MatrixSetDiagV2", "MatrixSetDiagV3", "Mean", "MirrorPad", "Neg", "Pack", "Pad", "PadV2", "Reshape",
    "Reverse", "ReverseSequence", "ReverseV2", "Roll", "ScatterNd", "SegmentSum", "Select", "SelectV2", "Slice",
    "SpaceToBatchND", "SpaceToDepth", "Split", "SplitV", "Squeeze", "StopGradient", "StridedSlice", "Sub", "Sum",
    "TensorScatterAdd", "TensorScatterSub", "TensorScatterUpdate", "Tile", "Transpose", "Unpack", "UnsortedSegmentSum",
    "ZerosLike",
)  # fmt: skip

_COUNTED = {"Split": "num_split", "SplitV": "num_split", "Unpack": "num"}
"""Ops with several outputs -> the attribute that says how many."""


def lower(node: Subject) -> Outputs | Declined:
    """The op twice; once where all the imaginary parts are 0."""
    complex_ones = [i for i in range(len(node.inputs)) if is_complex(node, i)]
    if not complex_ones:
        return NOT_COMPLEX
    parts = {i: parts_of(node, i) for i in complex_ones}
    real = _of_part(node, {i: each.real for i, each in parts.items()})
    if all(each.imag is None for each in parts.values()):
        made = [Parts(real=each) for each in real]
    else:
        imag = _of_part(node, {i: each.made_imag for i, each in parts.items()})
        made = [Parts(real=a, imag=b) for a, b in zip(real, imag, strict=True)]
    return tuple(complex_of(each) for each in made)


def _of_part(node: Subject, replaced: dict[int, Tensor]) -> Sequence[Tensor]:
    inputs = [replaced.get(i, x) for i, x in enumerate(node.inputs)]
    count = node.number(_COUNTED[node.op], 1) if node.op in _COUNTED else 1
    dtype = next(iter(replaced.values())).dtype
    types = [(dtype, node.output_shape(index)) for index in range(count)]
    return make_many(node.op, inputs, types, **part_attrs(node.node))


LOWERING = Lowering(
    name="complex_partwise",
    ops=OPS,
    equation="f(a + ib) → f(a) + i·f(b) where f moves, adds or sums numbers",
    lower=lower,
)
