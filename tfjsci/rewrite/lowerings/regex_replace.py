"""RegexReplace(x, p, r)  ->  StaticRegexReplace(x), p and r being constant"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor
from tfjsci.rewrite.formulas.texts import replaced
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The op that has its pattern as an attribute."""
    pattern, rewrite = node.value(1), node.value(2)
    if pattern is None or rewrite is None:
        return Declined(reason="the pattern isn't constant")
    texts = (bytes(text.reshape(-1)[0]) for text in (pattern, rewrite))
    return replaced(node.inputs[0], *texts, every=node.flag("replace_global", True))


LOWERING = Lowering(
    name="regex_replace",
    ops=("RegexReplace",),
    equation="RegexReplace(x, p, r) → StaticRegexReplace(x)",
    lower=lower,
    limits="The pattern must be constant",
)
