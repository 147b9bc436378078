"""Text from outside made harmless for the place it is shown in.

Names of models, ops, nodes, layers and files, and messages of the browser come from whoever opened the pull request.
They stay data everywhere; only a renderer escapes them, with the one function for the place. In GitHub's markdown
that means more than markdown: ``@name``, ``#12``, ``GH-12``, ``:x:`` and bare URLs come alive after the markdown was
rendered, except inside of ``<code>``.
"""

from __future__ import annotations

import re
import unicodedata

NAME_LIMIT = 80
"""Characters of a name that a report shows; the rest is in results.json."""

MESSAGE_LIMIT = 2_000
"""Characters of a message that a report shows."""

_PICTURES = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421"}
# Letters and marks that print as nothing, beside the categories below.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE0F), *range(0xE0100, 0xE01F0))
)
# Control, format (bidi overrides, joiners, zero width), surrogate, private, unassigned; line and paragraph separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_ZERO_WIDTH = "&#8203;"
_INLINE = re.compile(r"[\\`*\[\]<>|~&$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ACTIVE = re.compile(r"""[\\`*_\[\]<>|~&$!@#:"']""")
_BLOCK_START = re.compile(r"(?=[#+=-])|(?<=\d)(?=[.)])")
_ALIVE = re.compile(
    r"""(?<=@)(?=[\w-])              # a mention, or an e-mail address
      | (?<=\#)(?=\d)                # an issue
      | (?<=:)(?=//)                 # a URL
      | (?<=\b[wW]{3})(?=\.)         # a URL without its scheme
      | (?<=:)(?=[\w+-]+:)           # an emoji's name
      | (?<=\b[gG][hH]-)(?=\d)       # an issue, the long way
      | (?<=mailto:)(?=\S) | (?<=xmpp:)(?=\S)
    """,
    re.VERBOSE,
)


def visible(text: str) -> str:
    """``text`` on one line with every character that prints as nothing, or turns the writing around, made visible.

    Newline, tab and the like become their pictures (``␊``, ``␉``), others their number (``\\u202e``).
    """
    return "".join(_visible(character) for character in text)


def shorten(text: str, limit: int = NAME_LIMIT) -> str:
    """``text`` in at most ``limit`` characters: of a longer one both ends, as names often differ at their ends."""
    if len(text) <= limit:
        return text
    tail = (limit - 1) // 2
    return f"{text[: limit - 1 - tail]}…{text[len(text) - tail :]}"


def one_line(text: str, limit: int = NAME_LIMIT) -> str:
    """Plain text for a terminal or a sentence: visible, and short."""
    # Cut first, too: ten megabytes need not be walked through to show eighty characters.
    return shorten(without_old_commands(visible(shorten(text, limit))), limit)


def without_old_commands(text: str) -> str:
    """``text`` without ``##[``, with which a command to GitHub's runner begins wherever it stands in a line of a job's log."""
    return text.replace("##[", "##\\[")


def markdown_text(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """A sentence inside of a markdown paragraph, list item or table cell: it reads the same, and nothing in it acts."""
    shown = one_line(text, limit).strip()
    pieces = _BLOCK_START.split(shown, maxsplit=1) if _opens_block(shown) else [shown]
    return "\\".join(_inline(piece) for piece in pieces)


def code(text: str, limit: int = NAME_LIMIT) -> str:
    """A name as a code span, for paragraphs, list items and table cells alike.

    Backticks where they do; a name with backticks, pipes or backslashes (which mean other things in a table's code span
    than elsewhere) or with blanks at its ends goes into ``<code>`` with its punctuation as entities.
    """
    shown = one_line(text, limit)
    if not shown:
        return "*(empty)*"
    if shown.strip() != shown or re.search(r"[`|\\]", shown):
        return html_code(text, limit)
    return f"`{shown}`"


def html_code(text: str, limit: int = NAME_LIMIT) -> str:
    """A name as ``<code>``, for places that are HTML (``<summary>``) and just as well for markdown."""
    shown = one_line(text, limit) or "(empty)"
    return f"<code>{_ACTIVE.sub(lambda found: f'&#{ord(found[0])};', shown)}</code>"


def code_block(text: str, limit: int = MESSAGE_LIMIT, *, indent: int = 0) -> str:
    """Several lines as they are, in a fence longer than any in them; ``indent`` puts it inside of a list item."""
    lines = [one_line(line, limit) for line in shorten(text, limit).splitlines()] or [""]
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    margin = " " * indent
    return "\n".join(margin + line for line in (f"{fence}text", *lines, fence))


def _visible(character: str) -> str:
    if " " <= character <= "~":
        return character
    number = ord(character)
    if number in _PICTURES:
        return _PICTURES[number]
    category = unicodedata.category(character)
    if category in _INVISIBLE or category == "Zs" or character in _BLANK:
        return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
    return character


def _opens_block(text: str) -> bool:
    return re.match(r"[#+=-]|\d{1,9}[.)](\s|$)", text) is not None


def _inline(text: str) -> str:
    # The character's own backslash first, so that a zero-width entity put in later stays one.
    pieces = _ALIVE.split(text)
    return _ZERO_WIDTH.join(_INLINE.sub(lambda found: "\\" + found[0], piece) for piece in pieces)
