"""Convert one SavedModel with tensorflowjs: ``upstream.py SOURCE OUTPUT``."""

from __future__ import annotations

import sys

from measured import measure
from tensorflowjs.converters import tf_saved_model_conversion_v2

measure(lambda: tf_saved_model_conversion_v2.convert_tf_saved_model(sys.argv[1], sys.argv[2]))
