r"""RE2's regular expressions as the runtime must be given them: JavaScript's, in lower-case ASCII.

TensorFlow's StaticRegexReplace has RE2, the runtime makes a JavaScript ``RegExp`` of the pattern, after it has lower-cased every
attribute and read its bytes as Latin-1. So a capital is written as ``\x41``, anything beyond ASCII as ``\u00e9``, and whatever
JavaScript means otherwise (``.``, ``\s``, ``\W``, group references) as what RE2 means.

Sources: github.com/google/re2/wiki/Syntax, ECMA-262, ``StaticRegexReplace`` of tfjs-backend-cpu 4.22.0.
"""

from __future__ import annotations

import re

_WORD, _SPACE = r"0-9a-z_\x41-\x5a", r"\t\n\f\r "


def _none_of(characters: str) -> str:
    """Any character but these, one beyond 16 bits, which JavaScript has as two, among them."""
    return rf"(?:[\ud800-\udbff][\udc00-\udfff]|[^{characters}])"


_OUTSIDE = {
    "D": _none_of("0-9"),
    "W": _none_of(_WORD),
    "s": f"[{_SPACE}]",
    "S": _none_of(_SPACE),
    "A": "^",
    "z": "$",
    "a": r"\x07",
}
_INSIDE = {"s": _SPACE, "a": r"\x07"}
_NAMED = {
    "alnum": r"0-9a-z\x41-\x5a",
    "alpha": r"a-z\x41-\x5a",
    "blank": r"\t ",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-\/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": r"\x41-\x5a",
    "word": _WORD,
    "xdigit": r"0-9a-f\x41-\x46",
}
_KEPT = frozenset("dwbnrtfv")


class OtherInJavaScriptError(ValueError):
    """The runtime can't be told this: what, in words."""


def pattern_in_javascript(pattern: str) -> str:
    """The pattern as the runtime must have it; itself where both mean the same. Raises ``OtherInJavaScriptError``."""
    made: list[str] = []
    at = 0
    while at < len(pattern):
        c = pattern[at]
        if c == "\\":
            text, at = _escape(pattern, at, _OUTSIDE)
        elif c == "[":
            text, at = _class(pattern, at)
        elif c == ".":
            text, at = _none_of(r"\n"), at + 1
        elif pattern.startswith("(?", at):
            text, at = _group(pattern, at)
        else:
            text, at = _plain(c, single=False), at + 1
        made.append(text)
    return "".join(made)


def rewrite_in_javascript(rewrite: str) -> str:
    """What a match is replaced by, in the same way: RE2 writes a group as ``\\1``, JavaScript as ``$1``."""
    made: list[str] = []
    at = 0
    while at < len(rewrite):
        c = rewrite[at]
        if c == "\\":
            following = rewrite[at + 1 : at + 2]
            if following == "\\":
                made.append("\\")
            elif following.isdigit():
                made.append("$&" if following == "0" else f"$0{following}")
            else:
                raise OtherInJavaScriptError(f"the rewrite has {rewrite[at : at + 2]!r}")
            at += 2
            continue
        if c != c.lower() or not c.isascii():
            raise OtherInJavaScriptError(f"the runtime can't write {c!r} into a text")
        made.append("$$" if c == "$" else c)
        at += 1
    return "".join(made)


def _plain(c: str, *, single: bool) -> str:
    """A character that stands for itself."""
    number = ord(c)
    if number > 0xFFFF:
        if single:
            raise OtherInJavaScriptError(f"{c!r} in a class is two characters")
        high, low = 0xD800 + ((number - 0x10000) >> 10), 0xDC00 + ((number - 0x10000) & 0x3FF)
        return f"(?:\\u{high:04x}\\u{low:04x})"
    if number > 0x7F:
        return f"\\u{number:04x}"
    return f"\\x{number:02x}" if c != c.lower() else c


def _escape(pattern: str, at: int, meanings: dict[str, str]) -> tuple[str, int]:
    """A backslash and what follows -> the same for JavaScript, and where to go on."""
    c = pattern[at + 1 : at + 2]
    if c in meanings and c:
        return meanings[c], at + 2
    if c in _KEPT and c:
        return pattern[at : at + 2], at + 2
    if c == "x" and (found := re.match(r"\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})", pattern[at:])):
        number = int(found[1] or found[2], 16)
        text = f"\\x{number:02x}" if number <= 0x7F else _plain(chr(number), single=meanings is _INSIDE)
        return text, at + found.end()
    if c and c.isascii() and not c.isalnum():
        return pattern[at : at + 2], at + 2
    raise OtherInJavaScriptError(f"it has {pattern[at : at + 2]!r}")


def _class(pattern: str, at: int) -> tuple[str, int]:
    made: list[str] = []
    at += 1
    negated = pattern.startswith("^", at)
    at += negated
    first = True
    while at < len(pattern) and (first or pattern[at] != "]"):
        if pattern.startswith("[:", at):
            found = re.match(r"\[:(\w+):\]", pattern[at:])
            if not found or found[1] not in _NAMED:
                raise OtherInJavaScriptError(f"it has {pattern[at : at + 4]!r} in a class")
            text, at = _NAMED[found[1]], at + found.end()
        elif pattern[at] == "\\":
            text, at = _escape(pattern, at, _INSIDE)
        else:
            text, at = _plain(pattern[at], single=True), at + 1
            text = f"\\{text}" if text in ("[", "]") else text
        made.append(text)
        first = False
    if at >= len(pattern):
        raise OtherInJavaScriptError("a class isn't closed")
    characters = "".join(made)
    return _none_of(characters) if negated else f"[{characters}]", at + 1


def _group(pattern: str, at: int) -> tuple[str, int]:
    if pattern.startswith("(?:", at):
        return "(?:", at + 3
    if found := re.match(r"\(\?P?<\w+>", pattern[at:]):
        return "(", at + found.end()
    raise OtherInJavaScriptError(f"it has {pattern[at : at + 3]!r}")
