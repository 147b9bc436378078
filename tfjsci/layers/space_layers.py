"""Pooling, padding, cropping, upsampling."""

from __future__ import annotations

from collections.abc import Callable

from tfjsci.layers.refused import RefusedError
from tfjsci.layers.same_padding import settled
from tfjsci.layers.shapes import pair
from tfjsci.layers.site import Apply, Site, known_shape, on_one
from tfjsci.layers.sketch import Symbol


def pooling(rank: int) -> Callable[[Site], Apply]:
    """Max and average, of one to three dimensions."""

    def mapper(site: Site) -> Apply:
        _refuse_channels_first(site)
        size = pair(site.get("pool_size", 2), rank)
        strides, padding = pair(site.get("strides", size), rank), site.get("padding", "valid")
        if site.layer.class_name == "MaxPooling3D":
            return on_one(lambda x: _max_of_volume(site, x, size, strides, padding))
        config = {"pool_size": size, "strides": strides, "padding": padding}
        if rank > 1:
            config["data_format"] = "channels_last"
        layer = site.emit(site.layer.class_name, config)

        def apply(x: Symbol) -> Symbol:
            if rank == 3 and padding == "same":
                settled(x, size, strides, [1, 1, 1])
            return layer.one(x)

        return on_one(apply)

    return mapper


def _max_of_volume(site: Site, x: Symbol, size: list[int], strides: list[int], padding: str) -> Symbol:
    """(d, h, w, c) by way of images, first (d h, w, c), then (d, h, w c): wasm's MaxPool3D loses what is below 0."""
    if padding == "same":
        settled(x, size, strides, [1, 1, 1])
    d, h, w, c = (int(each or 0) for each in known_shape(x, "MaxPooling3D")[1:])

    def pool(y: Symbol, window: list[int], steps: list[int]) -> Symbol:
        config = {"pool_size": window, "strides": steps, "padding": padding, "data_format": "channels_last"}
        return site.helper("MaxPooling2D", **config).one(y)

    rows = pool(site.helper("Reshape", target_shape=[d * h, w, c]).one(x), [1, size[2]], [1, strides[2]])
    width = int(known_shape(rows, "MaxPooling3D")[2] or 0)
    planes = pool(site.helper("Reshape", target_shape=[d, h, width * c]).one(rows), size[:2], strides[:2])
    shape = known_shape(planes, "MaxPooling3D")
    return site.sketch.helper("Reshape", site.layer.name, target_shape=[shape[1], shape[2], width, c]).one(planes)


def global_pooling(rank: int) -> Callable[[Site], Apply]:
    """With keepdims (which TensorFlow.js lacks) the dimensions come back by a Reshape; of three by way of two."""

    def mapper(site: Site) -> Apply:
        _refuse_channels_first(site)
        name = site.layer.class_name.replace("3D", "2D")
        layer = site.emit(name, {"data_format": "channels_last"} if rank > 1 else {})
        masked = site.layer.class_name == "GlobalAveragePooling1D"

        def apply(x: Symbol) -> Symbol:
            if masked and x.mask is not None:
                raise RefusedError("a mask reaches it, which TensorFlow.js ignores")
            given = x
            if rank == 3:
                d, h, w, c = known_shape(x, site.layer.class_name)[1:]
                assert d is not None
                assert h is not None
                given = site.helper("Reshape", target_shape=[d * h, w, c]).one(x)
            out = layer.one(given)
            if not site.get("keepdims", False):
                return out
            channels = None if out.shape is None else out.shape[-1]
            if channels is None:
                raise RefusedError("it keeps dimensions, and the number of channels isn't known")
            return site.helper("Reshape", target_shape=[*[1] * rank, channels]).one(out)

        return on_one(apply)

    return mapper


def zero_padding_2d(site: Site) -> Apply:
    """As it is."""
    _refuse_channels_first(site)
    return on_one(
        site.emit("ZeroPadding2D", {"padding": _ends(site.get("padding", 1)), "data_format": "channels_last"}).one
    )


def cropping(rank: int) -> Callable[[Site], Apply]:
    """Cropping2D, and Cropping1D by way of it."""

    def mapper(site: Site) -> Apply:
        _refuse_channels_first(site)
        given = site.get("cropping", 0 if rank == 2 else 1)
        if rank == 2:
            return on_one(site.emit("Cropping2D", {"cropping": _ends(given), "data_format": "channels_last"}).one)
        ends = list(given) if isinstance(given, list) else [given, given]

        def apply(x: Symbol) -> Symbol:
            shape = known_shape(x, "Cropping1D")
            wide = site.helper("Reshape", target_shape=[shape[1], 1, shape[2]]).one(x)
            cut = site.helper("Cropping2D", cropping=[ends, [0, 0]], data_format="channels_last").one(wide)
            return site.helper("Reshape", target_shape=[known_shape(cut, "Cropping1D")[1], shape[2]]).one(cut)

        return on_one(apply)

    return mapper


def upsampling(rank: int) -> Callable[[Site], Apply]:
    """Nearest: UpSampling2D, and UpSampling1D by way of it."""

    def mapper(site: Site) -> Apply:
        _refuse_channels_first(site)
        size = pair(site.get("size", 2), rank)
        how = site.get("interpolation", "nearest")
        if how != "nearest" and any(factor != 1 for factor in size):
            raise RefusedError(f"its interpolation is {how}: TensorFlow.js' takes other pixels than Keras'")
        if rank == 2:
            return on_one(site.emit("UpSampling2D", {"size": size, "data_format": "channels_last"}).one)

        def apply(x: Symbol) -> Symbol:
            shape = known_shape(x, "UpSampling1D")
            wide = site.helper("Reshape", target_shape=[shape[1], 1, shape[2]]).one(x)
            up = site.helper("UpSampling2D", size=[size[0], 1], data_format="channels_last").one(wide)
            return site.helper("Reshape", target_shape=[known_shape(up, "UpSampling1D")[1], shape[2]]).one(up)

        return on_one(apply)

    return mapper


def _ends(value: object) -> list[list[int]]:
    """A number, one for each side, or two for each, as two for each."""
    if not isinstance(value, list):
        return [[int(str(value))] * 2] * 2
    return [list(item) if isinstance(item, list) else [item, item] for item in value]


def _refuse_channels_first(site: Site) -> None:
    if site.get("data_format") == "channels_first":
        raise RefusedError("its data_format is channels_first")
