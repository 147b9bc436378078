"""Convert one SavedModel with tensorflowjs, once for each dtype: ``upstream_quantized.py SOURCE OUTPUT/DTYPE…``.

A folder's name is the dtype of all weights.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tensorflowjs.converters import tf_saved_model_conversion_v2

for output in map(Path, sys.argv[2:]):
    tf_saved_model_conversion_v2.convert_tf_saved_model(
        sys.argv[1], str(output), quantization_dtype_map={output.name: True}
    )
