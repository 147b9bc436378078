"""What the look-up tables of a traced function hold: they are in TensorFlow already, which is asked for their contents."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from tfjsci.errors import ConversionFailed
from tfjsci.graph.tables import TableContents
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.tables import unique
from tfjsci.load.traced import Table

_ASKED_BY = re.compile(r"(_none)?_lookup_lookuptable\w*_table_handle$|_lookuptable\w*_table_handle$", re.IGNORECASE)


def captured_tables(concrete: Any) -> dict[str, Table]:
    """The look-up tables among the resources that a concrete function captured, by Placeholder."""
    resource = tensorflow().resource
    return {
        internal.op.name: Table(path=_path(internal.op.name), read=_reader(external, _path(internal.op.name)))
        for external, internal in concrete.graph.captures
        if external.dtype == resource and _is_table(external)
    }


def _is_table(handle: Any) -> bool:
    tf = tensorflow()
    try:
        tf.raw_ops.LookupTableSizeV2(table_handle=handle)
    except tf.errors.OpError:
        return False  # a variable
    return True


def _path(placeholder: str) -> str:
    return _ASKED_BY.sub("", placeholder) or placeholder


def _reader(handle: Any, path: str) -> Callable[[int, int], TableContents]:
    def read(key: int, value: int) -> TableContents:
        tf = tensorflow()
        if not (key and value):
            raise ConversionFailed(
                f"the size of the look-up table {path} is asked, and nothing is looked up in it",
                hint="Write the size as a number.",
            )
        try:
            keys, values = tf.raw_ops.LookupTableExportV2(table_handle=handle, Tkeys=key, Tvalues=value)
        except tf.errors.OpError as error:
            raise ConversionFailed(
                f"the look-up table {path} can't be read: {error.message.splitlines()[0]}",
                hint="Is it filled? A layer with a vocabulary needs adapt() or vocabulary= before it is saved.",
            ) from error
        return unique(np.asarray(keys.numpy()), np.asarray(values.numpy()), path)

    return read
