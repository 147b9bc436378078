"""Cases of ``keras.ops``: every public function, in the variants that make other graphs."""

from __future__ import annotations

from case import Case
from ops_control import CONTROL
from ops_elementwise import ELEMENTWISE
from ops_image import IMAGE
from ops_index import INDEX
from ops_linalg import LINALG
from ops_nn import NN
from ops_reduce import REDUCE
from ops_shape import SHAPE

OP_CASES: tuple[Case, ...] = (*ELEMENTWISE, *REDUCE, *SHAPE, *INDEX, *NN, *LINALG, *IMAGE, *CONTROL)

LEFT_OUT = {
    "convert_to_numpy": "gives an array, not a tensor: it can't be traced",
    "custom_gradient": "is about training; in inference it is the function that it wraps",
    "dtype": "gives a name, not a tensor",
    "is_tensor": "gives a Python bool, not a tensor",
    "ndim": "gives a Python number, not a tensor",
    "vectorize": "not with TensorFlow, says Keras",
    "image.elastic_transform": "random",
}
"""Public functions without a case, and why."""
