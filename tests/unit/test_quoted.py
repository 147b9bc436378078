"""What a library said, in the one line that tells most."""

from __future__ import annotations

from tfjsci.quoted import MOST, quoted


def test_the_cause_below_keras_wrapper_without_colours() -> None:
    error = ValueError(
        "Exception encountered when calling Dense.call().\n\n\x1b[1m'é' is no name.\x1b[0m\n\nArguments received: x"
    )
    assert quoted(error) == "'é' is no name."


def test_a_plain_message_keeps_its_first_line() -> None:
    assert quoted(OSError("first\nsecond")) == "first"


def test_a_wrapper_alone_is_better_than_nothing() -> None:
    assert (
        quoted(ValueError("Exception encountered when calling Dense.call()."))
        == "Exception encountered when calling Dense.call()."
    )


def test_the_cause_below_a_traceback_of_the_models_own_code() -> None:
    """AutoGraph puts the way to the place before it, line by line."""
    frames = (
        'in user code:\n\n    File "m.py", line 3, in f  *\n        return x @ w\n\n    ValueError: they don\'t fit\n'
    )
    assert quoted(ValueError(frames)) == "ValueError: they don't fit"
    assert quoted(ValueError("in user code:\n\n\n    KeyError: 'b' for key 'c'\n")) == "KeyError: 'b' for key 'c'"
    assert quoted(ValueError("in user code:\n    x of no kind")) == "in user code:", "no cause, no guess"
    assert quoted(ValueError("what is in user code\nValueError: x")) == "what is in user code"


def test_an_error_that_says_nothing() -> None:
    assert quoted(EOFError()) == "EOFError"
    assert quoted(ValueError(" \n\t\n")) == "ValueError"


def test_a_missing_key_is_said_without_quotes() -> None:
    assert (
        quoted(KeyError("There is no item named 'config.json' in the archive"))
        == "There is no item named 'config.json' in the archive"
    )
    assert quoted(KeyError()) == "KeyError"


def test_it_is_cut() -> None:
    assert len(quoted(ValueError("x" * 10_000))) == MOST
