"""y - Mean(y, channels), y = linear(x, w) + b + linear(z, v) + …  ->  y with w, b, v … less their means

over the channels that go out. The mean over the channels is linear: where all that makes a stream of channels (``stream.py``) is
weights, it is 0 once each weight is centred, and none of the norms needs to take or subtract it. A transformer with the norms in
front has two for each block. More exact, too: the weights are centred in float64, and nothing large is subtracted again.

The same in reverse is how a layer norm is told from a root mean square norm: Jiang et al., Pre-RMSNorm and Pre-CRMSNorm
Transformers, 2023.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from tfjsci.graph.edited import edited
from tfjsci.graph.graph import AttrValue, Constant, DType, Graph, Node, node_of
from tfjsci.rewrite.channels import less_mean
from tfjsci.rewrite.control.types import with_types
from tfjsci.rewrite.engine import Refusal
from tfjsci.rewrite.share_constants import with_shared_constants
from tfjsci.rewrite.share_nodes import with_shared_nodes
from tfjsci.rewrite.stage import Done, Means, Whole
from tfjsci.rewrite.stream import Stream, stream_of, subtracts_mean
from tfjsci.rewrite.symbolic.sizes import sizes_of

NAME = "centred_streams"

_READ_THROUGH = frozenset({"Reshape"})
"""What a norm on rows reads its stream through, once for the mean and once for what it is subtracted from."""


def with_centred_streams(graph: Graph) -> Done:
    """The graph, how many norms take no mean any more, and which still do, and why.

    Functions of loops and branches are left alone: what comes into them is made elsewhere.
    """
    norms = [node.name for node in graph.nodes if subtracts_mean(graph, node)]
    done: set[str] = set()
    problems: dict[str, str] = {}
    sizes = sizes_of(graph)
    for norm in norms:
        if norm in done or norm in problems:
            continue
        stream = stream_of(graph, sizes, graph[norm])
        instead = {tensor: _norm_of(graph, tensor) for tensor in stream.brought}
        if problem := stream.problem or _would_not_pay(stream, instead):
            problems |= dict.fromkeys((norm, *stream.norms), problem)
        else:
            graph = _centred(graph, stream, instead)
            done |= stream.norms
    refusals = tuple(Refusal(rule=NAME, node=norm, reason=problems[norm]) for norm in norms if norm in problems)
    return graph.pruned() if done else graph, len(done), refusals


def _would_not_pay(stream: Stream, instead: Mapping[str, str | None]) -> str:
    """Where as many tensors are to be centred by themselves as norms needn't do it."""
    alone = [tensor for tensor, norm in instead.items() if norm is None]
    if len(stream.norms) > len(alone):
        return ""
    told = stream.brought[next(iter(alone or stream.brought))]
    return told if len(alone) < 2 else f"{told}, and so it is with {len(alone) - 1} more of its parts"


def _centred(graph: Graph, stream: Stream, instead: Mapping[str, str | None]) -> Graph:
    """Other weights under the same names, and what reads a norm's Sub reads what it subtracts from.

    ``instead`` of what is brought in a norm of it is read, or else a new node that does the same.
    """
    constants = {name: less_mean(graph.constants[name], axis) for name, axis in stream.weights.items()}
    put = {name: graph[name] for name in constants}
    dtype = graph[min(stream.norms)].attrs["T"]
    led: dict[str, str] = {}
    for tensor, norm in instead.items():
        if norm is None:
            axis, mean, centred = _less_its_mean(graph, tensor, dtype, put)
            put |= {each.name: each for each in (axis, mean, centred)}
            constants[axis.name] = Constant(value=np.array([-1], np.int32))
        led[tensor] = centred.name if norm is None else norm
    for name in stream.nodes:
        node = graph[name]
        if not stream.brought.keys().isdisjoint(node.inputs):
            put[name] = node.reading(tuple(led.get(tensor, tensor) for tensor in node.inputs))
    before = {name: graph[name].inputs[0] for name in stream.norms}
    for name in stream.norms:
        for reader in graph.readers.get(name, ()):
            now = put.get(reader.name, reader)
            put[reader.name] = now.reading(tuple(before.get(tensor, tensor) for tensor in now.inputs))
        if name in graph.outputs:
            put[name] = replace(graph[name], op="Identity", inputs=graph[name].inputs[:1])
    return edited(graph, put=put, constants=constants)


def _norm_of(graph: Graph, tensor: str) -> str | None:
    """What subtracts the mean from it anyway."""
    readers = graph.readers.get(node_of(tensor), ())
    return next((each.name for each in readers if subtracts_mean(graph, each) and each.inputs[0] == tensor), None)


def _less_its_mean(graph: Graph, tensor: str, dtype: AttrValue, taken: Iterable[str]) -> tuple[Node, Node, Node]:
    """The axis of the channels, the mean over it, and the tensor less that; their names are none of ``taken``."""
    stem = f"{node_of(tensor)}/centred"
    axis = Node(name=graph.fresh(f"{stem}/axis", taken), op="Const", attrs={"dtype": DType("int32")})
    attrs = {"T": dtype, "Tidx": DType("int32"), "keep_dims": True}
    mean = Node(name=graph.fresh(f"{stem}/mean", taken), op="Mean", inputs=(tensor, axis.name), attrs=attrs)
    return axis, mean, Node(name=graph.fresh(stem, taken), op="Sub", inputs=(tensor, mean.name), attrs={"T": dtype})


def _change(graph: Graph, means: Means) -> Done:
    if NAME in means.without or all(node.op != "Mean" for node in graph.nodes):
        return graph, 0, ()
    shared = with_shared_nodes(with_shared_constants(graph), ops=_READ_THROUGH)
    centred, count, refusals = with_centred_streams(shared)
    return with_types(centred, means.infer) if count else centred, count, refusals


CENTRED_STREAMS = Whole(
    name=NAME,
    equation="y - Mean(y, channels), y = x * w + b + z * v + ... -> y with w, b, v, ... less their means",
    change=_change,
)
