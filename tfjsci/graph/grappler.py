"""Grappler, TensorFlow's graph optimiser: private API, so all of it is in this file.

Two runs. ``inline`` flattens calls while captured variables are still resource placeholders; ``simplify`` folds
constants and cleans up once they are plain placeholders. The remapper stays off: it emits fusions that the
TensorFlow.js runtime can't run; our own rules fuse instead.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from tfjsci.errors import ConversionFailed
from tfjsci.graph.graph import unused_name
from tfjsci.graph.tensorflow import tensorflow

INLINE = ("function", "pruning")
SIMPLIFY = ("pruning", "constfold", "shape", "arithmetic", "dependency")

_BLOCK_INLINING = (
    "_lower_using_switch_merge",  # on While and If: else control flow becomes Switch and Merge
    "_XlaMustCompile",  # on calls: else grouped convolutions stay calls
    "_noinline",  # on functions: what jit_compile=True leaves there beside it
)


def prepare(graphdef: Any, *, fetch: Sequence[str] | None = None) -> Any:
    """A copy without what keeps Grappler from inlining: attributes in the main graph and in the functions, and effects that
    no function promises.

    With ``fetch`` only what these nodes need is copied: a SavedModel's graph holds its saver too.
    """
    out = type(graphdef)()
    if fetch is None:
        out.CopyFrom(graphdef)
    else:
        _copy_needed(graphdef, out, fetch)
    for nodes in (out.node, *(function.node_def for function in out.library.function)):
        for node in nodes:
            for name in _BLOCK_INLINING:
                node.attr.pop(name, None)
    for function in out.library.function:
        for name in _BLOCK_INLINING:
            function.attr.pop(name, None)
        _promise_effects(function)
    return out


def _promise_effects(function: Any) -> None:
    """Make each node that TensorFlow takes for one with effects a control output, in place, where none waits for it.

    ``wrap_function(...).prune(...)`` leaves loops and the like without one, and Grappler doesn't inline such a function.
    """
    stateful = [node.name for node in function.node_def if _is_stateful(node.op)]
    if not stateful:
        return
    nodes = {node.name: node for node in function.node_def}
    waited: set[str] = set()
    stack = list(function.control_ret.values())
    while stack:
        name = stack.pop()
        if name in nodes and name not in waited:
            waited.add(name)
            stack += [tensor.lstrip("^").partition(":")[0] for tensor in nodes[name].input]
    taken = set(function.signature.control_output)
    for name in stateful:
        if name not in waited:
            output = unused_name(f"effect_{len(taken)}", taken)
            taken.add(output)
            function.signature.control_output.append(output)
            function.control_ret[output] = name


@cache
def _is_stateful(op: str) -> bool:
    registry = importlib.import_module("tensorflow.python.framework.op_def_registry")
    known = registry.get(op)
    return known is not None and bool(known.is_stateful)


def _copy_needed(graphdef: Any, out: Any, fetch: Sequence[str]) -> None:
    nodes = {node.name: node for node in graphdef.node}
    functions = {function.signature.name: function for function in graphdef.library.function}
    needed: dict[str, None] = {}
    stack = list(fetch)
    while stack:
        name = stack.pop()
        if name in nodes and name not in needed:
            needed[name] = None
            stack += [tensor.lstrip("^").partition(":")[0] for tensor in nodes[name].input]
    called = set(_called([nodes[name] for name in needed], functions))
    out.node.extend(node for node in graphdef.node if node.name in needed)
    out.library.function.extend(function for name, function in functions.items() if name in called)
    out.versions.CopyFrom(graphdef.versions)


def reachable(graphdef: Any) -> Any:
    """The same GraphDef, in place, without the functions that nothing in it names."""
    called = set(_called(graphdef.node, {function.signature.name: function for function in graphdef.library.function}))
    places = [i for i, function in enumerate(graphdef.library.function) if function.signature.name not in called]
    for i in reversed(places):
        del graphdef.library.function[i]
    return graphdef


def _called(nodes: Iterable[Any], functions: Mapping[str, Any]) -> Iterator[str]:
    """The functions that these nodes name, and those that these name in turn."""
    seen: set[str] = set()
    pending = list(nodes)
    while pending:
        for name in functions_of(pending.pop()):
            if name in functions and name not in seen:
                seen.add(name)
                yield name
                pending += functions[name].node_def


def functions_of(node: Any) -> list[str]:
    """The names of functions in a node's attributes, and its op, which may be one."""
    names = [value.func.name for value in node.attr.values() if value.HasField("func")]
    return names + [f.name for value in node.attr.values() for f in value.list.func] + [node.op]


def optimize(graphdef: Any, *, fetch: Sequence[str], feed: Sequence[str], passes: Sequence[str]) -> Any:
    """Run Grappler's ``passes``. ``fetch`` are node names that must survive, ``feed`` Placeholders that must stay as they are.

    Raises ``ConversionFailed`` with Grappler's words when it can't, or the op's name where TensorFlow doesn't know one.
    """
    tf = tensorflow()
    config_pb2 = importlib.import_module("tensorflow.core.protobuf.config_pb2")
    meta_graph_pb2 = importlib.import_module("tensorflow.core.protobuf.meta_graph_pb2")
    rewriter_config_pb2 = importlib.import_module("tensorflow.core.protobuf.rewriter_config_pb2")
    tf_optimizer = importlib.import_module("tensorflow.python.grappler.tf_optimizer")

    meta = meta_graph_pb2.MetaGraphDef()
    meta.graph_def.CopyFrom(graphdef)
    # Grappler takes what it must keep from the collection of train ops, and what is fed from a signature's inputs.
    meta.collection_def["train_op"].node_list.value.extend(fetch)
    signature = meta.signature_def["fed"]
    types = {node.name: node.attr["dtype"].type for node in graphdef.node if node.op == "Placeholder"}
    for name in feed:
        signature.inputs[name].name = f"{name}:0"
        signature.inputs[name].dtype = types[name]

    config = config_pb2.ConfigProto()
    options = config.graph_options.rewrite_options
    options.optimizers.extend(passes)
    options.min_graph_nodes = -1  # else small graphs are left alone
    # Inlining is done after one round; simplifying uncovers more to simplify.
    once = rewriter_config_pb2.RewriterConfig.ONE
    options.meta_optimizer_iterations = rewriter_config_pb2.RewriterConfig.TWO if passes == SIMPLIFY else once
    options.remapping = rewriter_config_pb2.RewriterConfig.OFF
    options.fail_on_optimizer_errors = True
    try:
        return tf_optimizer.OptimizeGraph(config, meta)
    except (ValueError, RuntimeError, tf.errors.OpError) as error:
        if unknown := re.search(r"Op type not registered '([^']+)'", str(error)):
            raise ConversionFailed(
                f"the TensorFlow that is installed here doesn't know the op {unknown[1]}",
                hint="Its library has to be loaded first, which the command can't do: import the package that brings the op, "
                "or call tf.load_op_library, in a Python program of yours, and then tfjsci.run there.",
            ) from error
        raise ConversionFailed(
            f"TensorFlow's graph optimiser (passes {', '.join(passes)}) refused the graph: {error}",
            hint="Export the model again with the TensorFlow that is installed here, or report it with the model.",
        ) from error
