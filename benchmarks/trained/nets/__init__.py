"""All trained models, in the order of the tables."""

from __future__ import annotations

from . import convolutions, dense, depthwise, recurrent, transformer

NETS = {
    net.name: net
    for net in (*depthwise.NETS, convolutions.NET, transformer.NET, *recurrent.NETS, dense.AUTOENCODER, dense.MLP)
}
