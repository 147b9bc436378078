"""A KerasModel -> a Sketch: each call in order, each layer by its row of the table. All refusals are found, not the first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.layers.keras_model import MODELS, KerasCall, KerasLayer, KerasModel, Tensor, tensors_in
from tfjsci.layers.mask_checks import expected_mask, keras_mask_after, refuse_other_mask
from tfjsci.layers.masks import Mask
from tfjsci.layers.objects import input_dtype
from tfjsci.layers.operations import OPERATIONS
from tfjsci.layers.parse import BadConfigError
from tfjsci.layers.refused import Refusal, RefusedError
from tfjsci.layers.site import Apply, Site
from tfjsci.layers.sketch import Names, Sketch, Symbol
from tfjsci.layers.table import TABLE
from tfjsci.layers.whole_numbers import stays_whole

UNREADABLE = (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, RecursionError)
"""What a config that isn't as Keras writes it makes of the code that reads it."""


class Translation:
    """One conversion: the names that are taken, what is refused, and what the reader should know."""

    def __init__(self, backends: Iterable[Backend] = BACKENDS) -> None:
        self.backends = frozenset(backends)
        self.names = Names()
        self.refusals: list[Refusal] = []
        self.notes: dict[str, None] = {}

    def model(self, model: KerasModel) -> Sketch:
        """The sketch of ``model``; it is to be used only if nothing was refused."""
        return _Run(self, model).sketch


class _Run:
    """One model being mapped."""

    def __init__(self, translation: Translation, model: KerasModel) -> None:
        self.translation = translation
        self.keras = model
        self.sketch = Sketch(model.name, translation.names, sequential=model.sequential)
        self._layers = {layer.name: layer for layer in model.layers}
        self._values: dict[Tensor, Symbol] = {}
        self._masks: dict[Tensor, Mask] = {}
        self._whole: set[Tensor] = set()
        self._applies: dict[str, Apply | None] = {}
        self._automatic = model.sequential or any(layer.dialect == 2 for layer in model.layers)
        for tensor in model.inputs:
            if tensor.layer not in self._layers:
                raise BadConfigError(f"the input {tensor.layer!r} isn't there")
            self._input(self._layers[tensor.layer])
        for layer, number in self._in_order():
            self._call(layer, number)
        self.sketch.outputs = self._outputs()
        self.sketch.whole = [self._whole_in(tensor) for tensor in model.outputs]

    def _in_order(self) -> list[tuple[KerasLayer, int]]:
        """The calls that the outputs need, each after those that it needs. Masks don't count: the runtime makes its own."""
        done: dict[tuple[str, int], None] = {}
        pending: list[tuple[str, int, bool]] = [(t.layer, t.call, False) for t in reversed(self.keras.outputs)]
        waiting: set[tuple[str, int]] = set()
        while pending:
            name, number, ready = pending.pop()
            if (name, number) in done:
                continue
            layer = self._layers.get(name)
            if layer is None:
                raise BadConfigError(f"a layer {name!r} is called and isn't there")
            if ready or not layer.calls:
                done[name, number] = None
                continue
            if (name, number) in waiting:
                raise BadConfigError(f"the calls of {name!r} wait for themselves")
            if number >= len(layer.calls) or number < 0:
                raise BadConfigError(f"the call {number} of {name!r} isn't there")
            waiting.add((name, number))
            pending.append((name, number, True))
            pending += [(t.layer, t.call, False) for t in reversed(list(_needed(layer.calls[number])))]
        return [(self._layers[name], number) for name, number in done if self._layers[name].calls]

    def _input(self, layer: KerasLayer) -> None:
        config = layer.config
        shape = config.get("batch_shape") or config.get("batch_input_shape")
        try:
            if not isinstance(shape, list) or not shape:
                raise RefusedError("the file doesn't say its shape")
            if config.get("sparse") or config.get("ragged") or config.get("optional"):
                raise RefusedError("it is sparse, ragged or optional")
            dtype = input_dtype(config.get("dtype"))
            if dtype != "float32":
                self._whole.add(Tensor(layer.name, 0, 0))
            if dtype != "float32" and self._readers(layer) - _TAKES_INTEGERS:
                dtype = "float32"  # Keras' layers cast what they are given, TensorFlow.js' kernels refuse it
        except RefusedError as error:
            self._refuse(layer, error.reason)
            shape, dtype = shape if isinstance(shape, list) and shape else [None], "float32"
        name = self.translation.names.of(layer.name)
        self._values[Tensor(layer.name, 0, 0)] = self.sketch.input(name, tuple(shape), dtype)

    def _readers(self, layer: KerasLayer) -> set[str]:
        """Classes of the layers that are called on this one."""
        return {
            each.class_name
            for each in self.keras.layers
            for call in each.calls
            if any(tensor.layer == layer.name for tensor in _needed(call))
        }

    def _call(self, layer: KerasLayer, number: int) -> None:
        call = layer.calls[number]
        needed = list(_needed(call))
        if any(tensor not in self._values for tensor in needed):
            self._apply_of(layer)  # its own faults are told all the same
            return
        try:
            outputs = self._operation(layer, call) if layer.is_op else self._applied(layer, call)
        except RefusedError as error:
            self._refuse(layer, error.reason)
            return
        except UNREADABLE as error:
            self._refuse(layer, f"its config can't be read ({type(error).__name__}: {str(error)[:80]})")
            return
        inner = outputs[0].layer.inner if outputs else None
        of_model = inner.whole if inner is not None else []
        whole = stays_whole(_computing(layer), [tensor in self._whole for tensor in needed], call.args)
        for i, symbol in enumerate(outputs):
            self._values[Tensor(layer.name, number, i)] = symbol
            if of_model[i] if of_model else whole:
                self._whole.add(Tensor(layer.name, number, i))
        given = self._masks.get(needed[0]) if needed else None
        masks = [self._masks.get(tensor) for tensor in needed]
        self._masks[Tensor(layer.name, number, 0)] = keras_mask_after(layer, given, masks, outputs)

    def _applied(self, layer: KerasLayer, call: KerasCall) -> list[Symbol]:
        apply = self._apply_of(layer)
        if apply is None:
            return []
        inputs, kwargs = self._arguments(layer, call)
        wanted = (
            self._masks.get(next(iter(_needed(call)), _NOTHING))
            if self._automatic
            else expected_mask(call, self._layers, self._values)
        )
        refuse_other_mask(layer, inputs, wanted)
        return apply(inputs, kwargs)

    def _apply_of(self, layer: KerasLayer) -> Apply | None:
        if layer.name not in self._applies:
            self._applies[layer.name] = None
            if layer.is_op:
                return None
            try:
                self._applies[layer.name] = self._mapper(layer)(self._site(layer))
            except RefusedError as error:
                self._refuse(layer, error.reason)
            except UNREADABLE as error:
                self._refuse(layer, f"its config can't be read ({type(error).__name__}: {str(error)[:80]})")
        return self._applies[layer.name]

    def _site(self, layer: KerasLayer) -> Site:
        return Site(
            layer=layer,
            sketch=self.sketch,
            names=self.translation.names,
            note=lambda text: self.translation.notes.setdefault(text),
            nested=self._nested,
            mapper=self._mapper,
            backends=self.translation.backends,
        )

    def _mapper(self, layer: KerasLayer) -> Callable[[Site], Apply]:
        if layer.class_name in MODELS:
            return self._model_layer
        row = TABLE.get(layer.class_name)
        if row is None:
            own = str(layer.config.get("module", "")) if isinstance(layer.config, Mapping) else ""
            raise RefusedError(f"TensorFlow.js has no such layer{f' ({own})' if own else ''}")
        return row.map

    def _nested(self, layer: KerasLayer) -> Sketch:
        assert layer.model is not None
        return self.translation.model(layer.model)

    def _model_layer(self, site: Site) -> Apply:
        name = site.names.of(site.layer.name)
        inner = self._nested(site.layer)
        inner.name = name
        layer = self.sketch.layer("Functional", name, inner=inner)

        def apply(inputs: Sequence[Symbol], kwargs: Mapping[str, Any]) -> list[Symbol]:
            for key, value in kwargs.items():
                if key == "training" and value:
                    raise RefusedError("it is called with training=True")
            if len(inputs) != len(inner.inputs):
                raise RefusedError(f"it is called on {len(inputs)} tensors and has {len(inner.inputs)} inputs")
            if any(symbol.mask is not None for symbol in inputs):
                raise RefusedError("a mask reaches this nested model, which TensorFlow.js doesn't hand in")
            return layer.on(*inputs)

        return apply

    def _arguments(self, layer: KerasLayer, call: KerasCall) -> tuple[list[Symbol], dict[str, Any]]:
        """The tensors in order, and the arguments that hold none. Only recurrent layers take more than their first."""
        kwargs = dict(call.kwargs)
        states = kwargs.pop("initial_state", None)
        first, *more = call.args or (kwargs.pop("inputs", None),)
        if more and layer.class_name in _RECURRENT:
            states, more = more[0], more[1:]
        if any(item is not None for item in more):
            raise RefusedError(f"it is called with {len(call.args)} arguments")
        if states is not None and layer.class_name not in _RECURRENT:
            raise RefusedError("it is called with initial_state")
        symbols = [self._values[tensor] for tensor in (*tensors_in(first), *tensors_in(states))]
        rest = {key: value for key, value in kwargs.items() if key == "mask" or not any(tensors_in(value))}
        taken = [key for key in kwargs if key not in rest]
        if taken:
            raise RefusedError(f"it is called with {', '.join(taken)}")
        return self._twice_apart(symbols, layer.name), rest

    def _operation(self, layer: KerasLayer, call: KerasCall) -> list[Symbol]:
        row = OPERATIONS.get(layer.class_name)
        if row is None:
            raise RefusedError("TensorFlow.js' layers have no such operation")
        if extra := [key for key, value in call.kwargs.items() if value is not None]:
            raise RefusedError(f"it is called with {', '.join(extra)}")
        args = [self._resolved(item) for item in call.args]
        symbols = [item for item in args if isinstance(item, Symbol)]
        if len(symbols) == 2 and symbols[0] is symbols[1]:
            args = self._twice_apart(symbols, layer.name)
        return [row.map(self._site(layer), args)]

    def _resolved(self, item: Any) -> Any:
        if isinstance(item, Tensor):
            return self._values[item]
        return [self._resolved(each) for each in item] if isinstance(item, list) else item

    def _twice_apart(self, symbols: list[Symbol], near: str) -> list[Any]:
        """A copy for a tensor that is given twice: the runtime would free it after the first use (``executor.js``)."""
        out: list[Any] = []
        for symbol in symbols:
            if any(symbol is other for other in out):
                symbol = self.sketch.helper("Activation", f"{near}_again", activation="linear").one(symbol)
            out.append(symbol)
        return out

    def _outputs(self) -> list[Symbol]:
        """Each output a tensor of its own: the runtime finds outputs by name, and takes the first of two."""
        symbols: list[Symbol] = []
        for tensor in self.keras.outputs:
            symbol = self._values.get(tensor)
            if symbol is None:
                if not self.translation.refusals:
                    raise BadConfigError(f"the output {tensor.output} of {tensor.layer!r} isn't there")
                continue
            if symbol in symbols or symbol.layer.class_name == "InputLayer":
                symbol = self.sketch.helper("Activation", f"{tensor.layer}_again", activation="linear").one(symbol)
            symbols.append(symbol)
        return symbols

    def _whole_in(self, tensor: Tensor) -> tuple[str, str] | None:
        return (tensor.layer, self._layers[tensor.layer].class_name) if tensor in self._whole else None

    def _refuse(self, layer: KerasLayer, reason: str) -> None:
        refusal = Refusal(layer=layer.name, class_name=layer.class_name, reason=reason)
        if refusal not in self.translation.refusals:
            self.translation.refusals.append(refusal)


_NOTHING = Tensor("", -1, -1)
"""What a call without tensors is called on: nobody masks it, and whoever maps the layer says what is missing."""

_TAKES_INTEGERS = frozenset({"Embedding", "Rescaling", "NotEqual", "Any"})
_RECURRENT = frozenset({"SimpleRNN", "LSTM", "GRU", "RNN", "ConvLSTM2D", "Bidirectional"})


def _needed(call: KerasCall) -> list[Tensor]:
    without_mask = {key: value for key, value in call.kwargs.items() if key != "mask"}
    return [*tensors_in(list(call.args)), *tensors_in(without_mask)]


def _computing(layer: KerasLayer) -> str:
    """The class of the layer, or of the one that it does at each step."""
    wrapped = layer.config.get("layer") if layer.class_name == "TimeDistributed" else None
    return str(wrapped.get("class_name")) if isinstance(wrapped, Mapping) else layer.class_name
