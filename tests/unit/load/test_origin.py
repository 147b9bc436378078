"""The layer that a node came from, read off its name."""

from __future__ import annotations

import pytest

from tfjsci.load.origin import layer_of


@pytest.mark.parametrize(
    ("node", "layers", "expected"),
    [
        ("net_1/conv_1/Relu", {"conv"}, ("conv",)),
        ("net_1/conv_1/Relu", {"conv", "conv_1"}, ("conv_1",)),
        ("StatefulPartitionedCall/StatefulPartitionedCall_3/net/conv/Relu", {"conv"}, ("conv",)),
        ("net/block/conv/Relu", {"net", "block"}, ("block",)),
        ("net/block/conv/deep/Relu", set(), ("net/block/conv",)),
        ("conv", {"conv"}, ()),
        ("PartitionedCall", set(), ()),
        ("", set(), ()),
        ("//a//b", {"a"}, ("a",)),
        ("conv_12/Relu", {"conv_1"}, ("conv_12",)),
    ],
)
def test_layer_of(node: str, layers: set[str], expected: tuple[str, ...]) -> None:
    assert layer_of(node, frozenset(layers)) == expected
