"""Output channels of a layers model's weights: by the weight's own name, turned round for transposed convolutions."""

from __future__ import annotations

from typing import Any

import pytest

from tfjsci.layers.channels import channel_axes, transposed_layers


def layer(class_name: str, name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": name, **config}}


@pytest.mark.parametrize(
    ("name", "rank", "axes"),
    [
        ("dense/kernel", 2, (1,)),
        ("conv/kernel", 4, (3,)),
        ("conv1d/kernel", 3, (2,)),
        ("conv/depthwise_kernel", 4, (2, 3)),
        ("conv/pointwise_kernel", 4, (3,)),
        ("both/forward_lstm/recurrent_kernel", 2, (1,)),
        ("rnn/RNNCell_0/kernel", 2, (1,)),
        ("up/kernel", 4, (2,)),
        ("dense/bias", 1, None),
        ("words/embeddings", 2, None),
        ("norm/gamma", 1, None),
        ("odd/kernel", 1, None),
        ("odd/depthwise_kernel", 2, None),
        ("kernel", 2, (1,)),
    ],
)
def test_the_channels_by_the_name(name: str, rank: int, axes: tuple[int, ...] | None) -> None:
    assert channel_axes(name, rank, transposed={"up"}) == axes


def test_transposed_convolutions_wherever_they_are() -> None:
    inner = layer("Functional", "inner", layers=[layer("Conv3DTranspose", "volume"), layer("Conv2D", "plain")])
    steps = layer("TimeDistributed", "steps", layer=layer("Conv2DTranspose", "step"))
    other = layer("TimeDistributed", "other", layer=layer("Dense", "dense"))
    model = layer("Functional", "model", layers=[inner, steps, other, layer("Conv2DTranspose", "up")])
    assert transposed_layers({"model_config": model}) == {"volume", "steps", "step", "up"}
    assert transposed_layers(model) == {"volume", "steps", "step", "up"}


def test_the_runtimes_own_spelling_is_read_as_well() -> None:
    model = {
        "className": "Sequential",
        "config": {"layers": [{"className": "Conv2DTranspose", "config": {"name": "up"}}]},
    }
    assert transposed_layers(model) == {"up"}


@pytest.mark.parametrize("topology", [{}, {"model_config": None}, {"class_name": ["x"], "config": []}])
def test_a_topology_that_says_nothing(topology: dict[str, Any]) -> None:
    assert transposed_layers(topology) == frozenset()
