"""A secret that can't be printed by accident: its text is only in ``reveal()``."""

from __future__ import annotations

import re

HIDDEN = "***"


class Token:
    """A token for GitHub's interface, maybe empty. Neither ``repr`` nor ``str`` nor a format shows it."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return f"Token({HIDDEN})" if self else "Token()"

    def __reduce__(self) -> str:
        raise TypeError("a token is not written anywhere")

    def reveal(self) -> str:
        """The text itself, for the one header that carries it."""
        return self._text

    def redact(self, text: str) -> str:
        """``text`` without the token, should it have got into one (an error of a library that quotes a header)."""
        return text.replace(self._text, HIDDEN) if self._text else text


def token_from(text: str) -> Token:
    """Raises ``ValueError``, without quoting it, on what can't be in a header."""
    if re.search(r"[^\x21-\x7e]", text):
        raise ValueError("it holds blanks or characters that no token has")
    return Token(text)
