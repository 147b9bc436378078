"""y - Mean(y, channels), y = linear(x, w) + b + linear(z, v) + …  ->  y with w, b, v … less their means

over the channels that go out. The mean over the channels is linear: where all that makes a stream of channels (``stream.py``) is
weights, it is 0 once each weight is centred, and none of the norms needs to take or subtract it. A transformer with the norms in
front has two for each block. More exact, too: the weights are centred in float64, and nothing large is subtracted again.

The same in reverse is how a layer norm is told from a root mean square norm: Jiang et al., Pre-RMSNorm and Pre-CRMSNorm
Transformers, 2023.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tfjsci.graph.edited import edited
from tfjsci.graph.graph import Array, Constant, Graph
from tfjsci.rewrite.engine import Refusal
from tfjsci.rewrite.share_constants import with_shared_constants
from tfjsci.rewrite.share_nodes import with_shared_nodes
from tfjsci.rewrite.stage import Done, Means, Whole
from tfjsci.rewrite.stream import NoStreamError, Stream, stream_of, subtracts_mean
from tfjsci.rewrite.symbolic.sizes import sizes_of

NAME = "centred_streams"

_READ_THROUGH = frozenset({"Reshape"})
"""What a norm on rows reads its stream through, once for the mean and once for what it is subtracted from."""


def with_centred_streams(graph: Graph) -> Done:
    """The graph, how many norms take no mean any more, and which still do, and why.

    Functions of loops and branches are left alone: what comes into them is made elsewhere.
    """
    norms = [node for node in graph.nodes if subtracts_mean(graph, node)]
    done: set[str] = set()
    refusals: list[Refusal] = []
    sizes = sizes_of(graph) if norms else None
    for norm in norms:
        if norm.name in done:
            continue
        assert sizes is not None
        try:
            stream = stream_of(graph, sizes, norm)
        except NoStreamError as error:
            refusals.append(Refusal(rule=NAME, node=norm.name, reason=str(error)))
            continue
        graph = _centred(graph, stream)
        done |= stream.norms
    return graph.pruned() if done else graph, len(done), tuple(refusals)


def _centred(graph: Graph, stream: Stream) -> Graph:
    """Other weights under the same names, and what reads a norm's Sub reads what it subtracts from."""
    centred = {name: _less_mean(graph.constants[name], axis) for name, axis in stream.weights.items()}
    instead = {name: graph[name].inputs[0] for name in stream.norms}
    readers = {each.name: each for name in instead for each in graph.readers.get(name, ())}
    put = {
        name: each.reading(tuple(instead.get(tensor, tensor) for tensor in each.inputs))
        for name, each in readers.items()
    }
    put |= {name: graph[name] for name in centred}
    for name in stream.norms & set(graph.outputs):
        put[name] = replace(graph[name], op="Identity", inputs=graph[name].inputs[:1])
    return edited(graph, put=put, constants=centred)


def _less_mean(given: Constant, axis: int) -> Constant:
    wide = given.value.astype(np.float64)
    value: Array = (wide - wide.mean(axis, keepdims=True)).astype(given.value.dtype)
    return Constant(value=value, sources=given.sources)


def _change(graph: Graph, means: Means) -> Done:
    if NAME in means.without or all(node.op != "Mean" for node in graph.nodes):
        return graph, 0, ()
    return with_centred_streams(with_shared_nodes(with_shared_constants(graph), ops=_READ_THROUGH))


CENTRED_STREAMS = Whole(
    name=NAME,
    equation="y - Mean(y, channels), y = x * w + b + z * v + ... -> y with w, b, v, ... less their means",
    change=_change,
)
