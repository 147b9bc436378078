"""The JSON Schema of ``results.json``, made from the types; the copy that ships beside this file is checked by a test.

``python -m tfjsci.results.schema`` writes that copy anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from tfjsci.results.run_result import SCHEMA_VERSION, RunResult

SCHEMA_FILE = Path(__file__).with_name("results.schema.json")


def results_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the file: all keys are always written, and there are no others."""
    schema = TypeAdapter(RunResult).json_schema(mode="serialization")
    for definition in (schema, *schema["$defs"].values()):
        if "properties" in definition:
            definition["additionalProperties"] = False
            # What has a default is written all the same.
            definition["required"] = list(definition["properties"])
    schema["properties"]["schema_version"] = {"const": SCHEMA_VERSION, "title": "Schema Version"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "results.json of tfjsci"}


def schema_text() -> str:
    """The shipped file's text."""
    return json.dumps(results_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
