"""How a kernel or a pool moves over an image, read from an op's attributes, and what follows for paddings and sizes.

All of it is about the spatial dimensions of images whose channels come last: [batch, height, width, channels], or with a
depth before the height. What has its channels first is given another order first (``channels_first``).
"""

from __future__ import annotations

from dataclasses import dataclass

from tfjsci.catalog.node_view import NodeView
from tfjsci.rewrite.build import UnknownShapeError
from tfjsci.rewrite.rule import Declined

Pairs = tuple[tuple[int, int], ...]
"""(before, after) for each spatial dimension."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """For each spatial dimension the stride and the dilation; ``explicit`` are the paddings of padding EXPLICIT."""

    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    padding: str
    explicit: Pairs

    @property
    def strided(self) -> bool:
        """Whether it moves by more than 1 somewhere."""
        return any(stride > 1 for stride in self.strides)

    @property
    def dilated(self) -> bool:
        """Whether taps lie apart somewhere."""
        return any(dilation > 1 for dilation in self.dilations)

    def extents(self, taps: tuple[int, ...]) -> tuple[int, ...]:
        """From the first tap to the last, the gaps between them counted."""
        return tuple((n - 1) * dilation + 1 for n, dilation in zip(taps, self.dilations, strict=True))

    def paddings(self, sizes: tuple[int | None, ...], taps: tuple[int, ...]) -> Pairs:
        """What is added around an image of ``sizes``. Raises ``UnknownShapeError`` where SAME needs a size that isn't known."""
        if self.padding != "SAME":
            return self.explicit
        found = []
        for size, extent, stride in zip(sizes, self.extents(taps), self.strides, strict=True):
            if size is None:
                raise UnknownShapeError(
                    "the image's size isn't known before the model runs, and padding SAME depends on it"
                )
            whole = max(0, (-(-size // stride) - 1) * stride + extent - size)
            found.append((whole // 2, whole - whole // 2))
        return tuple(found)

    def places(self, sizes: tuple[int | None, ...], taps: tuple[int, ...]) -> tuple[int, ...]:
        """At how many places the window stops. Raises ``UnknownShapeError`` when a size isn't known."""
        found = []
        around = self.paddings(sizes, taps)
        for size, extent, stride, (before, after) in zip(sizes, self.extents(taps), self.strides, around, strict=True):
            if size is None:
                raise UnknownShapeError("the image's size isn't known before the model runs")
            found.append(max(0, (size + before + after - extent) // stride + 1))
        return tuple(found)

    def met(self, sizes: tuple[int | None, ...], taps: tuple[int, ...]) -> tuple[int, ...]:
        """How much of each size some place of the window meets: less where it skips the end. Raises ``UnknownShapeError``."""
        found = []
        for size, extent, stride, places, (before, _) in zip(
            sizes, self.extents(taps), self.strides, self.places(sizes, taps), self.paddings(sizes, taps), strict=True
        ):
            assert size is not None  # `places` has raised otherwise
            found.append(min(size, (places - 1) * stride + extent - before))
        return tuple(found)

    def read(self, sizes: tuple[int | None, ...], taps: tuple[int, ...]) -> Pairs:
        """(begin, count) of what a window over a volume reads of each size. Raises ``UnknownShapeError``.

        Where padding SAME would take away from the volume, TensorFlow's CPU leaves out as much at the front as at the end.
        """
        found = []
        for size, met in zip(sizes, self.met(sizes, taps), strict=True):
            assert size is not None  # `met` has raised otherwise
            found.append(((size - met) // 2 if self.padding == "SAME" else 0, met))
        return tuple(found)


def channels_first(view: NodeView) -> bool:
    """Whether the op's images have their channels before height and width."""
    return view.text("data_format").upper().startswith("NC")


def window_of(view: NodeView, *, dilations: str = "dilations") -> Window | Declined:
    """The node's own; ``dilations`` names the attribute. Declines channels-first images: ``channels_first`` comes before."""
    if channels_first(view):
        return Declined(reason="its channels come first")
    strides = view.numbers("strides")[1:-1]
    explicit = view.numbers("explicit_paddings")
    return Window(
        strides=strides,
        dilations=view.numbers(dilations)[1:-1] or (1,) * len(strides),
        padding=view.text("padding"),
        explicit=tuple(zip(explicit[2:-2:2], explicit[3:-2:2], strict=True))
        if view.text("padding") == "EXPLICIT"
        else ((0, 0),) * len(strides),
    )
