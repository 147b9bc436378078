"""All nets, in the order of the table."""

from __future__ import annotations

from . import published, recurrent, text_transformer, unet, vision_transformer, wavenet

NETS = {
    net.name: net
    for net in (
        *published.NETS,
        unet.NET,
        text_transformer.NET,
        vision_transformer.NET,
        *recurrent.NETS,
        wavenet.NET,
    )
}
