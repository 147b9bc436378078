"""For webgl: norms, softmaxes and GELU in kernels that stay packed."""

from __future__ import annotations

from typing import Any

from rule_costs import Case

from tfjsci.dtypes import Backend


def norms(tokens: int, width: int) -> Any:
    """Six residual blocks of a norm, some of which still take the mean, and an activation."""

    def build(keras: Any) -> Any:
        x = inputs = keras.Input((width,), batch_size=tokens)
        for _ in range(6):
            y = keras.layers.Activation("relu")(keras.layers.LayerNormalization()(x))
            x = keras.layers.Add()([x, y])
        return keras.Model(inputs, x)

    return build


def softmaxes(rows: int, width: int) -> Any:
    """Six of them, in a row."""

    def build(keras: Any) -> Any:
        x = inputs = keras.Input((rows, width), batch_size=1)
        for _ in range(6):
            x = keras.layers.Softmax()(x)
        return keras.Model(inputs, x)

    return build


def tanh_gelus(keras: Any) -> Any:
    """Twelve small layers with the approximation."""
    x = inputs = keras.Input((32,), batch_size=8)
    for _ in range(12):
        x = keras.layers.Dense(32)(x)
        x = keras.layers.Lambda(lambda t: keras.activations.gelu(t, approximate=True))(x)
    return keras.Model(inputs, x)


def embeddings(keras: Any) -> Any:
    """Eight tables, each for its own words."""
    inputs = [keras.Input((32,), batch_size=1, dtype="int32") for _ in range(8)]
    tables = [keras.layers.Embedding(100, 16)(each) for each in inputs]
    return keras.Model(inputs, keras.layers.Add()(tables))


_WEBGL: tuple[Backend, ...] = ("webgl",)
_ALONE: tuple[Backend, ...] = ("webgl", "cpu")
_GPUS: tuple[Backend, ...] = ("webgl", "webgpu", "cpu")
_MORE = {"webgl": 120}

CASES = (
    *(
        Case(
            name=f"six norms of {tokens} tokens, {width} wide",
            rules=("mean_as_product", "mean_as_product_with_bias", "square_as_product", "root_as_division"),
            build=norms(tokens, width),
            pays_on=_WEBGL,
            wanted=_ALONE,
        )
        for tokens, width in ((64, 128), (64, 768))
    ),
    Case(
        name="six norms of 64 tokens, 128 wide, their roots",
        rules=("root_as_division",),
        build=norms(64, 128),
        pays_on=_WEBGL,
        wanted=_ALONE,
        runs={"webgl": 300},
    ),
    *(
        Case(
            name=f"six softmaxes of {rows} rows of {width}",
            rules=("softmax_by_product",),
            build=softmaxes(rows, width),
            pays_on=_WEBGL,
            wanted=_ALONE,
        )
        for rows, width in ((256, 64), (64, 768))
    ),
    Case(
        name="twelve GELUs by tanh",
        rules=("square_as_product",),
        build=tanh_gelus,
        pays_on=_WEBGL,
        wanted=_GPUS,
        runs=_MORE,
    ),
    Case(
        name="eight embeddings",
        rules=("wrapped_index",),
        build=embeddings,
        pays_on=_WEBGL,
        wanted=_GPUS,
        runs=_MORE,
    ),
)
