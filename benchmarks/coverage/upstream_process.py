"""Run by upstream's own Python: reads ``SAVED_MODEL<tab>OUTPUT`` a line, converts, says ``ok`` or an error as a line of JSON."""

from __future__ import annotations

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # TensorFlow prints as it likes


def main() -> None:
    from tensorflowjs.converters import tf_saved_model_conversion_v2

    for line in sys.stdin:
        source, _, output = line.rstrip("\n").partition("\t")
        try:
            tf_saved_model_conversion_v2.convert_tf_saved_model(source, output)
            said = ""
        except BaseException as error:  # noqa: BLE001  (whatever it raises is its answer)
            said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        answers.write(json.dumps({"output": output, "said": said}) + "\n")
        answers.flush()


main()
