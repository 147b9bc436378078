"""Convert one model with tfjsci: ``ours.py SOURCE OUTPUT``."""

from __future__ import annotations

import sys

from measured import measure

from tfjsci import api
from tfjsci.graph.tensorflow import keras, tensorflow

tensorflow()
keras()
measure(lambda: api.convert(sys.argv[1], sys.argv[2]))
