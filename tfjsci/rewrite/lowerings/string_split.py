r"""StringSplitV2(x, "")  ->  StringSplit(x, " \\t\\n\\v\\f\\r"), without empty parts"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, const, make_many
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

BLANKS = b" \t\n\v\f\r"
"""What TensorFlow splits at when it is given no separator."""


def lower(node: Subject) -> tuple[Tensor, ...] | Declined:
    """The older op, which takes each character of its delimiter as one."""
    separator = node.value(1)
    if separator is None:
        return Declined(reason="the separator isn't constant")
    if bytes(separator.reshape(-1)[0]):
        return Declined(reason="with a separator an empty text is one part, for the runtime it is none")
    if node.number("maxsplit", -1) >= 0:
        return Declined(reason="the runtime splits as often as it can")
    types = [("int64", (None, 2)), ("string", (None,)), ("int64", (2,))]
    return make_many("StringSplit", [node.inputs[0], const(np.array(BLANKS, dtype=object))], types, skip_empty=True)


LOWERING = Lowering(
    name="string_split",
    ops=("StringSplitV2",),
    equation="StringSplitV2(x, no separator) → StringSplit(x, blanks)",
    lower=lower,
    limits="Separators, and `maxsplit`",
)
