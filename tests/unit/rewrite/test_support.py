"""The matrix: what the examples say, and what follows from catalogue and list where there is none."""

from __future__ import annotations

from tfjsci.catalog.catalog import load_catalog
from tfjsci.rewrite.lowering import Lowering
from tfjsci.rewrite.lowerings import all_lowerings
from tfjsci.rewrite.support import SUPPORTED, answers, support_matrix


def test_an_op_with_no_caveat_is_native() -> None:
    matrix = support_matrix(load_catalog(), ())
    assert set(matrix["LRN"].on.values()) == {"native"}
    assert matrix["LRN"].by == ()


def test_an_op_that_the_release_lacks_is_there_when_it_is_lowered() -> None:
    foo = Lowering(name="foo", ops=("Foo",), equation="", lower=lambda node: node.inputs[0])
    assert "Foo" not in support_matrix(load_catalog(), ())
    found = support_matrix(load_catalog(), (foo,))["Foo"]
    assert (set(found.on.values()), found.by) == ({"lowered"}, ("foo",))


def test_what_an_example_says_counts() -> None:
    found = support_matrix(load_catalog(), all_lowerings())
    for case, on in answers().items():
        support = found[case.partition("/")[0]]
        for backend, answer in on.items():
            if answer == "no":
                assert case in support.refused[backend]
                assert support.on[backend] not in SUPPORTED
            else:
                assert case not in support.refused.get(backend, ())
                assert support.on[backend] != "no"


def test_an_example_is_one_of_an_op_that_the_catalogue_has() -> None:
    assert {case.partition("/")[0] for case in answers()} <= set(load_catalog().ops)
