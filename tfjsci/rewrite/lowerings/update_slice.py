"""XlaDynamicUpdateSlice(x, update, start)  ->  SelectV2(inside, update gathered at place - start, x)

along each dimension; the start is moved so that all of the update fits, as XLA does.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, arange, both, cast, gather, maximum, minimum, reshape, unstack, where
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Tensors only, no sizes that the run computes: webgpu can't read such back."""
    x, update, start = node.inputs
    if x.dtype not in ("float32", "int32"):
        return Declined(reason=f"it is for float32 and int32, this is {x.dtype}")
    if x.rank == 0:
        return update
    laid, mask = update, None
    sizes = zip(x.static_sizes, update.static_sizes, unstack(cast(start, "int32"), 0), strict=True)
    for axis, (whole, part, begin) in enumerate(sizes):
        place = arange(whole) - minimum(maximum(begin, 0), whole - part)
        laid = gather(laid, minimum(maximum(place, 0), part - 1), axis)
        inside = reshape(both(place >= 0, place < part), [whole if i == axis else 1 for i in range(x.rank)])
        mask = inside if mask is None else both(mask, inside)
    assert mask is not None
    return where(mask, laid, x)


LOWERING = Lowering(
    name="update_slice",
    ops=("XlaDynamicUpdateSlice",),
    equation="XlaDynamicUpdateSlice(x, update, start) → SelectV2(inside, update gathered at place − start, x)",
    lower=lower,
    limits="Sizes must be known, and numbers be float32 or int32.",
)
