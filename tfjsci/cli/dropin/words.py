"""What an error says to whoever called ``tensorflowjs_converter``: its options under upstream's names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from tfjsci.errors import TfjsciError

_PHRASES = {
    "--output-format graph, or auto": "--output_format=tfjs_graph_model",
    "--output-format graph": "--output_format=tfjs_graph_model",
    "--output-format layers": "--output_format=tfjs_layers_model",
    "--output-format saved_model, or frozen": "--output_format=tf_saved_model, or tf_frozen_model",
    "--output-format saved_model": "--output_format=tf_saved_model",
    "--output-format frozen": "--output_format=tf_frozen_model",
    "--tags (tags: in a manifest)": "--saved_model_tags",
    "--output-node (output_nodes: in a manifest)": "--output_node_names",
    "--signature (signature: in a manifest)": "--signature_name",
    "--tags": "--saved_model_tags",
    "--output-node": "--output_node_names",
    "--input-format": "--input_format",
    "--skip-op-check": "--skip_op_check",
}
"""As this package's errors say it -> as upstream's command line does."""

_OURS_ALONE = (
    "--allow-code", "--architecture", "--backends", "--custom-objects", "--explain", "--input-node", "--input-shape", "--no-rule",
    "--state-as-io", "--unroll-loops", "--verify-inputs",
)  # fmt: skip
"""Options for which upstream has none."""

_KNOWN = re.compile(
    rf"(?:{'|'.join(re.escape(phrase) for phrase in sorted(_PHRASES, key=len, reverse=True))})(?![\w-])"
)
_ELSEWHERE = re.compile(rf"({'|'.join(map(re.escape, _OURS_ALONE))})(?![\w-])(?: \([a-z_]+[:=] in [^)]*\))?")


def in_upstreams_words(text: str) -> str:
    """``--tags`` -> ``--saved_model_tags``; what upstream has not is said to be an option of ``tfjsci convert``."""
    known = _KNOWN.sub(lambda found: _PHRASES[found[0]], text)
    return _ELSEWHERE.sub(r"\1 (of tfjsci convert)", known, count=1)


@contextmanager
def errors_in_upstreams_words() -> Iterator[None]:
    """What is raised inside is raised on, its message and its hint said so."""
    try:
        yield
    except TfjsciError as error:
        error.message = in_upstreams_words(error.message)
        error.hint = error.hint and in_upstreams_words(error.hint)
        raise
