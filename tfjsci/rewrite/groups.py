"""Which rules work together, in the order in which they are tried, with the reason for each group's place."""

from __future__ import annotations

from tfjsci.rewrite.rules import rules_of

SIZES = rules_of(
    "known_sizes",
    "static_reshape",
    "static_slice",
    "rebuilt_sizes",  # after those that need no size at all
    "idle_move",
    "neutral_operand",
    "cancel_casts",
)
"""What only rebuilds a shape goes, and what changes nothing: first on the graph as it came, for whatever looks at shapes, and
once more on what lowering left."""

BROADCASTS = rules_of(
    "spread_by_op",
    "select_anded",
)
"""Before lowering, which knows which backend spreads what."""

BIASES_IN_LOOPS = rules_of(
    "bias_into_sum",
)
"""Before products are taken out of loops."""

LOOK_UPS = rules_of(
    "mask_in_table",
    "settled_minimum",
    "beyond_count",
)
"""Before lowering, which asks what is in a table: strings can't be compared on wasm, and nowhere be selected; and how many are to
be counted, which webgpu can't read from what it has computed. What isn't to be counted is a number that a table can hold."""

RECOVERING = rules_of(
    "repeats_as_resize",  # Tile has more dimensions than two backends repeat
    "dilation_from_blocks",
    "merge_pads",
    "pad_into_conv",  # Conv3D's Pad has more dimensions than two backends pad
    "fold_scale",  # a transposed Conv3D is lowered to pieces that hide its kernel
    "fold_scale_through_bias",
)
"""Before lowering: what TensorFlow took apart for its own sake is one op again, which needn't be lowered in pieces."""

SPELLING = rules_of(
    "layer_norm",
    "gelu",
    "hard_swish",
    "bounds_as_clip",
    "softmax_from_parts",
    "blend",
)
"""Before all others: norms and activations, which are written in many ways, are written in the one of the fewest and fastest
kernels, whose constants the other stages then fold into what is in front and behind."""

LAYOUT = rules_of(
    "merge_transposes",
    "cancel_transposes",  # before a transpose is sunk: what cancels needn't move
    "transposed_product",
    "axis_of_parts",
    "pick_of_joined",
    "slices_as_split",
    "sink_transpose",
    "expand_squeezed",
    "sink_squeeze",
)
"""First: a convolution and its batch norm must meet, with nothing between, to be folded. Channels-first layers were lowered to
channels-last ones between transposes, and the layers of sequences stand between ExpandDims and Squeeze; here most of these go."""

ROWS = rules_of(
    "static_reshape",  # before a Reshape is sunk: whether it keeps the channels together must be known
    "dense_on_rows",
    "merge_reshapes",
    "dense_on_pixels",  # before a Reshape is sunk: it goes with its product
    "sink_reshape",
    "scale_before_product",
    "token_as_padding",
)
"""Then: a product over sequences or to attention heads, and its bias, must meet as well, with no Reshape between."""

BETWEEN_PRODUCTS = rules_of(
    "on_rows",
)
"""After rows: where products are done on rows, what is between them is, too, and no Reshape keeps a norm from a product."""

PICKING = rules_of(
    "merge_reshapes",  # what the stage before leaves
    "one_query",  # its query is then picked by the next
    "pick_before_rows",
)
"""After that: what a token is picked from is rows as far as there are products."""

FOLDING = rules_of(
    "divide_as_scale",
    "merge_affine",
    "fold_batch_norm",
    "split_batch_norm",  # where there is no kernel before, but one behind
    "fold_scale",
    "fold_scale_through_bias",
    "add_as_bias",  # after a scale was folded: Keras 3's batch norm is Mul, then AddV2
    "lift_from_relu",
    "lift_from_pool",  # before anything is sunk: a kernel before takes more in than one behind
    "lift_from_pad",
    "lift_from_join",
    "sink_reshape",  # once more: what is folded no longer hides the rest of a chain
    "affine_for_each",  # before what folds each of them
    "factor_last",  # before what it is for
    "fold_scale_before",  # before shifts are folded: a shift may be divided by it
    "fold_shift_before",
    "sink_shift",
    "sink_scale",
    "merge_biases",
    "centre_in_kernel",  # when the bias is one
    "bias_into_sum",
    "merge_pads",
    "pad_into_conv",
    "select_over_ones",
    "bounded_mask",
    "transpose_as_reshape",  # after the layout stage, where it would hide a transpose from another
)
"""On plain ops, because the fused ones hide the kernel behind a bias."""

PARTS = rules_of(
    "product_of_parts",
    "parts_together",
)
"""After folding, which looks at what a kernel makes; before fusing, which may then fuse what is done to all parts of it, and
before slopes, as shapes are inferred here, too."""

SPLITTING = frozenset({"Split", "SplitV", "Unpack"})
PARTED = SPLITTING.union({"Reshape", "MatMul"}, *(rule.pattern.ops for rule in PARTS))
"""What a rule for parts makes several times, as each of its matches makes the whole."""

SLOPES = rules_of(
    "prelu_spellings",
    "sink_squeeze",
    "sink_reshape",
)
"""After folding, because TensorFlow, which infers shapes there, doesn't know Prelu; before a bias is fused, which hides the
product that a Reshape keeps from the slopes."""

ONE_BY_ONE = rules_of(
    "heads_apart",  # first: what is left isn't attention, or isn't made of what can be told apart
    "matrices_one_by_one",
)
"""After folding, which knows one product of several; heads, transposed to be matrices, are cut out of what they were before."""

GATES = rules_of(
    "products_as_batch",
    "gates_together",  # whose product is one then
    "gates_apart",
)
"""After parts, which leave what belongs together in one place; before sums are fused into the products that are made here."""

BY_PRODUCTS = rules_of(
    "mean_as_product",
    "softmax_by_product",
    "root_as_division",
)
"""Before fusing, which would make a pool of a mean; after all that looks for what is a layer's product."""

PACKED = rules_of(
    "square_as_product",
    "wrapped_index",
)
"""After those, which leave no reduction that unpacks what is squared."""

SUMS = rules_of(
    "gated_sum",  # before a Sigmoid is fused, and no longer a node
    "sum_as_bias",
)
"""Beside fusing: constants are biases already, and what else is added hides no activation from them."""

FUSING = rules_of(
    "reduce_as_pool",  # not before: what is folded looks through a mean
    "dimension_into_reshape",  # after it, which makes an image of a sequence
    "affine_as_depthwise",  # what no kernel has taken in
    "bias_for_activation",
    "fuse_bias",
    "fuse_activation",
)
"""Last: nothing is folded into a fused op."""
