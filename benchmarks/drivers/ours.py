"""Convert one model with tfjsci: ``ours.py SOURCE OUTPUT [BACKENDS]``, all of them unless told which (``webgl,webgpu``)."""

from __future__ import annotations

import sys
from importlib import import_module

from measured import measure

from tfjsci import api
from tfjsci.dtypes import BACKENDS
from tfjsci.graph.tensorflow import keras, tensorflow

tensorflow()
keras()
import_module("tfjsci.converter")  # as upstream's driver imports its converter
import_module("tfjsci.load.saved_model")
import_module("tfjsci.load.keras_file")
wanted = sys.argv[3].split(",") if len(sys.argv) > 3 else []
backends = [backend for backend in BACKENDS if not wanted or backend in wanted]
measure(lambda: api.convert(sys.argv[1], sys.argv[2], backends=backends))
