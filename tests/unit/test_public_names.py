"""What ``tfjsci`` hands out from Python: one list, of functions that are looked up when they are asked for."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import pytest

import tfjsci
from tfjsci import api


def test_the_list_has_every_function_of_the_api_and_nothing_else() -> None:
    functions = {name for name, value in vars(api).items() if isinstance(value, FunctionType)}
    assert functions == set(tfjsci.__all__) - {"__version__"}
    assert all(getattr(tfjsci, name) is getattr(api, name) for name in functions)


def test_all_of_it_comes_with_a_star() -> None:
    found: dict[str, Any] = {}
    exec("from tfjsci import *", found)
    assert set(tfjsci.__all__) == found.keys() - {"__builtins__"}


def test_a_name_that_is_not_listed_is_not_there() -> None:
    assert hasattr(api, "store")
    with pytest.raises(AttributeError, match="module 'tfjsci' has no attribute 'store'"):
        _ = tfjsci.store
