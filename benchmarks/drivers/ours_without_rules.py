"""Convert one model with tfjsci, all rewriting rules left out (not the lowerings): ``ours_without_rules.py SOURCE OUTPUT``."""

from __future__ import annotations

import sys
from importlib import import_module

from measured import measure

from tfjsci import api
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.rewrite.lowerings import all_lowerings
from tfjsci.rewrite.pipeline import names_of_rules

tensorflow()
keras()
import_module("tfjsci.converter")
rules = set(names_of_rules()) - {lowering.name for lowering in all_lowerings()}
measure(lambda: api.convert(sys.argv[1], sys.argv[2], without_rules=rules))
