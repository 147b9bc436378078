"""The one line of TensorFlow's that says what is wrong."""

from __future__ import annotations

import pytest

from tfjsci.graph.complaint import complaint

OF_A_SESSION = """Graph execution error:

Detected at node 'c' defined at (most recent call last):
Node: 'c'
The Conv2D op currently only supports the NHWC tensor format on the CPU.
\t [[{{node c}}]]

Original stack trace for 'c':
"""
OF_A_CALL = """Graph execution error:

Detected at node m/table/Gather defined at (most recent call last):
<stack traces unavailable>
indices[0,0] = 7 is not in [0, 5)
\t [[{{node m/table/Gather}}]] [Op:__inference_serve_1]"""


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (OF_A_SESSION, "The Conv2D op currently only supports the NHWC tensor format on the CPU."),
        (OF_A_CALL, "indices[0,0] = 7 is not in [0, 5)"),
        ("Shapes must be equal\nand more", "Shapes must be equal"),
        ("Graph execution error:\n\tsomewhere", "Graph execution error:"),
        ("", "ValueError"),
    ],
)
def test_the_line_that_says_what_is_wrong(said: str, line: str) -> None:
    assert complaint(ValueError(said)) == line
