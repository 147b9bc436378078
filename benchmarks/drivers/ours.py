"""Convert one model with tfjsci: ``ours.py SOURCE OUTPUT``."""

from __future__ import annotations

import sys
from importlib import import_module

from measured import measure

from tfjsci import api
from tfjsci.graph.tensorflow import keras, tensorflow

tensorflow()
keras()
import_module("tfjsci.converter")  # as upstream's driver imports its converter
import_module("tfjsci.load.saved_model")
import_module("tfjsci.load.keras_file")
measure(lambda: api.convert(sys.argv[1], sys.argv[2]))
