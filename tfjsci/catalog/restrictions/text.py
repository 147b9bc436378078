"""Strings among the attributes: the runtime lower-cases every one of them, and reads Einsum's equation in part.

Sources: ``getStringParam`` of tfjs-converter 4.22.0 (``keepCase`` is never set), ``einsum_util`` of tfjs-core, and what
the browser did (op_cases).
"""

from __future__ import annotations

from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.regular_expressions import OtherInJavaScriptError, pattern_in_javascript, rewrite_in_javascript
from tfjsci.catalog.restrictions.restriction import Restriction, ops


class LowerCased:
    """``when`` of attributes whose letters matter."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __call__(self, view: NodeView) -> bool | str:
        """The attributes that lower-casing changes."""
        return ", ".join(name for name in self.names if view.text(name) != view.text(name).lower())


def _terms(view: NodeView) -> tuple[list[str], str]:
    """The inputs' labels and the output's, as the runtime gets them."""
    given, _, made = view.text("equation").replace(" ", "").lower().partition("->")
    return given.split(","), made


def _ellipsis(view: NodeView) -> bool:
    return "..." in view.text("equation")


def _labels_merge(view: NodeView) -> bool:
    labels = {c for c in view.text("equation") if c.isalpha()}
    return len({c.lower() for c in labels}) < len(labels)


def _repeated(view: NodeView) -> bool:
    """``ii->i``; labels that only lower-casing makes equal have their own restriction."""
    return not _labels_merge(view) and not _ellipsis(view) and any(len(set(t)) < len(t) for t in _terms(view)[0])


def _summed_alone(view: NodeView) -> bool | str:
    """``getEinsumComputePath``: terms without the first summed label come too late, or never."""
    terms, made = _terms(view)
    if len(terms) < 2 or _ellipsis(view) or _labels_merge(view):
        return False
    summed = [label for term in terms for label in term if label not in made]
    if not summed or all(summed[0] in term or not term for term in terms):
        return False
    return f"{summed[0]!r} isn't in every input"


def _not_in_javascript(view: NodeView) -> bool | str:
    try:
        pattern_in_javascript(view.text("pattern"))
        rewrite_in_javascript(view.text("rewrite"))
    except OtherInJavaScriptError as error:
        return str(error)
    return False


RESTRICTIONS: tuple[Restriction, ...] = (
    Restriction(
        ops=ops("StaticRegexReplace"),
        effect="throws or silently wrong",
        says="JavaScript has no such regular expression",
        when=_not_in_javascript,
        hint="Write the pattern without flags and Unicode classes, and put no capitals in; or prepare text outside of the model.",
    ),
    Restriction(
        ops=ops("StringNGrams"),
        effect="silently wrong",
        says="the runtime lower-cases attributes",
        when=LowerCased("separator", "left_pad", "right_pad"),
        hint="Use separators and pads without upper-case letters.",
    ),
    Restriction(
        ops=ops("Einsum"),
        effect="throws",
        says='the runtime has no "..." in equations',
        when=_ellipsis,
        hint="Write the dimensions out with letters of their own.",
    ),
    Restriction(
        ops=ops("Einsum"),
        effect="throws or silently wrong",
        says="the equation is lower-cased, which makes labels one that were two",
        when=_labels_merge,
        hint="Rename the labels: lower-case letters only.",
    ),
    Restriction(
        ops=ops("Einsum"),
        effect="throws",
        says="an input can't have a label twice",
        when=_repeated,
        hint="Take the diagonal by a mask and a sum.",
    ),
    Restriction(
        ops=ops("Einsum"),
        effect="throws or silently wrong",
        says="the first label that is summed over must be in every input",
        when=_summed_alone,
        hint="Sum that input over the label first (Sum), then use Einsum.",
    ),
)
