"""The manifest's types: what ``tfjsci.yml`` may say. The JSON Schema and docs/manifest.md are made from them.

Here is the file as a whole; its larger parts have files beside this one (``input_types.py``, ``quantize_types.py``,
``compare_types.py``). Whatever has a short form (``steady_ms: 50``) is held in its long one (``steady_ms: {default: 50}``).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tfjsci.dtypes import Backend
from tfjsci.manifest.compare_types import Compare
from tfjsci.manifest.forms import NotBoolean, OffOr, Short, Unique
from tfjsci.manifest.gates import Gate
from tfjsci.manifest.input_types import Input, Labels, Random
from tfjsci.manifest.quantize_types import Quantize
from tfjsci.manifest.section import Section
from tfjsci.manifest.values import (
    DURATION,
    SIZE,
    Bytes,
    Function,
    LevelValue,
    Milliseconds,
    Name,
    OpName,
    PerBackend,
    PerVariant,
    Positive,
    Ref,
    Script,
    Text,
    Version,
)
from tfjsci.source import SourceFormat

TFJS_VERSION = "4.22.0"
"""The TensorFlow.js release that artifacts are made for and run on, unless the manifest names another."""


class Benchmark(Section):
    """How often an artifact is run on each backend. `off` in its place: not at all."""

    warmup: Annotated[int, Field(ge=0)] = 3
    """Runs that are recorded, but not counted."""
    runs: Positive = 20
    """Runs that are counted."""


class Budget(Section):
    """What a model may cost at most. Bytes: one size for every variant, or sizes by variant (`float`, a variant's name
    or scheme, or `default` for the rest). Times: one for every backend, or times by backend."""

    download_bytes: PerVariant[Bytes] | None = None
    """`model.json` and all its shards, as files."""
    gzip_bytes: PerVariant[Bytes] | None = None
    """The same, as gzip would send them."""
    brotli_bytes: PerVariant[Bytes] | None = None
    """The same, as brotli would send them."""
    load_ms: PerBackend[Milliseconds] | None = None
    """Fetching and parsing, from 127.0.0.1."""
    first_inference_ms: PerBackend[Milliseconds] | None = None
    """The first inference, with compilation of shaders and upload of the weights."""
    steady_ms: PerBackend[Milliseconds] | None = None
    """The median inference after warm-up."""


class Defaults(Section):
    """What holds for every model that doesn't say otherwise."""

    tfjs: Version = TFJS_VERSION
    """The TensorFlow.js release to make the model for, and to run it on. `TFJSCI_RUNTIME` says in which `node_modules` another
    one lies; npm has no wasm of some (4.7.0, 4.18.0), and webgpu from 4.6.0 on, but for 4.9.0."""
    backends: Annotated[list[Backend], Field(min_length=1), Unique()] = ["webgl", "wasm"]
    """Where to run it, and what it is rewritten for: `[wasm]` alone has the runtime's faster kernels for large
    products and for what is repeated."""
    custom_ops: dict[OpName, Script] = {}
    """Ops that your page registers itself with `tf.registerOp`, each with the script that does it. It runs only with
    `--allow-code`."""
    batch: Positive = 1
    """The size of a first dimension that the model leaves open."""
    random: Random = Random()
    """How inputs are drawn that no file gives."""
    quantize: list[Annotated[Quantize, Short("scheme")]] = []
    """The quantised variants to make beside the float one."""
    compare: Compare = Compare()
    """What outputs are held to. A gate that isn't named keeps its built-in limit, if it has one."""
    benchmark: Annotated[Benchmark | None, OffOr()] = Benchmark()
    """How often to run it, or `off`."""
    budget: Budget = Budget()
    """What it may cost at most."""
    level: Annotated[dict[Literal[Gate, "default"], LevelValue], Short("default")] = {"default": "error"}
    """What a miss is: `error` fails the model, `warn` is only told, `off` isn't judged. One for all, or by gate, where
    `default` counts for the rest."""
    gate_software: bool = False
    """Also fail a model for its times on webgl or webgpu when a software renderer stands in for the GPU; otherwise a
    miss there only warns."""
    shard_bytes: Annotated[int, Field(ge=1024), SIZE] = 4 << 20
    """The size of a weight file, at most; 1 KiB or more."""
    deadline: Annotated[float, Field(gt=0), DURATION] = 120.0
    """How long one browser job may take."""
    pin_shapes: bool = False
    """Make the sizes that the inputs are run with (`shapes`, and `batch` for first dimensions that are open) the artifact's
    own: it takes no others then, and nothing need be computed from them."""
    unroll_loops: Positive | None = None
    """Unroll loops that turn at most so often, where that is known before; `1` keeps them. Without it, those are unrolled that
    make at most 2,000 nodes: such a model is faster, and needs no `executeAsync`."""
    state_as_io: bool = False
    """Of Keras files, SavedModels and TensorFlow Hub's modules (of TensorFlow 2): make an input and an output of each variable
    that inference reads and writes, both called after it. Unless `inputs` says otherwise, it is fed its first value. See
    [tables.md](tables.md#state)."""
    without_rules: list[Text] = []
    """Rules and lowerings to leave out of the rewriting: a way round a wrong one. See [rules.md](rules.md)."""


class Model(Defaults):
    """One model."""

    name: Name
    """Names its folder and its lines in the report; unique, also when case is ignored."""
    source: Text
    """A `.keras` or `.h5` file, a SavedModel directory, a frozen graph's `.pb`, a TensorFlow.js model's directory, or a
    module of TensorFlow Hub as a directory, `.tar.gz`, `https://` address or Kaggle handle. Paths are relative to the
    manifest."""
    format: SourceFormat = "auto"
    """What the source is; `auto` looks at it."""
    signature: Text | None = None
    """Which signature of a SavedModel; by default `serving_default`, or the only one."""
    tags: list[Text] | None = None
    """Which graph of a SavedModel, by all its tags; by default the one tagged `serve`, or the only one. `[]`: the one without."""
    input_nodes: list[Text] = []
    """The inputs of a frozen graph; by default its Placeholders that the outputs need."""
    output_nodes: list[Text] = []
    """The outputs of a frozen graph, which says of none that it is one: `softmax`, or `split:1` for a node's second."""
    architecture: Text | None = None
    """The model's JSON (`model.to_json()`), where an `.h5` file holds weights alone. Relative to the manifest."""
    custom_objects: Annotated[list[Function], Unique()] = []
    """Layers and functions of your own that a Keras file needs, each as `module:name`; the module is installed, or a file beside
    the manifest. They are imported only with `--allow-code`."""
    inputs: dict[Text, Annotated[Input, Short("file")]] = {}
    """Where the values come from, by input name. An input that isn't named is drawn at random."""
    labels: Annotated[Labels, Short("file")] | None = None
    """The right classes, for accuracy."""
    shapes: dict[Text, list[Positive]] = {}
    """Whole shapes by input name, for models that leave more than the first dimension open."""


class Baseline(Section):
    """What the models are held against: differences in the report, never a failure. See [baseline.md](baseline.md)."""

    ref: Ref
    """A branch, tag or commit of the repository that the manifest lies in, such as `origin/main`. Its models are
    converted anew, as its own manifest says. It must have been fetched: tfjsci fetches nothing."""


class ManifestFile(Section):
    """The whole file."""

    version: Annotated[Literal[1], NotBoolean()]
    """Of this file format."""
    defaults: Defaults = Defaults()
    """What holds for every model that doesn't say otherwise."""
    baseline: Baseline | None = None
    """What the models are held against; `--baseline` and `--baseline-ref` of `tfjsci run` win over it."""
    models: Annotated[list[Model], Field(min_length=1)]
    """The models, in the order of the report."""


ONLY_IN_MODELS = frozenset(Model.model_fields) - frozenset(Defaults.model_fields)
"""Keys that every model has to say itself."""
