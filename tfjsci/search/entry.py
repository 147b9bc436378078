"""What a search chose as an entry of the manifest's ``quantize:``, ready to paste."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields

from tfjsci.artifact.quantize import Quantization
from tfjsci.graph.graph import Constant
from tfjsci.manifest.compose import plain_scalar
from tfjsci.quantize.scheme import Scheme
from tfjsci.search.names import pattern

_WIDEST = 110


def quantizations_of(
    schemes: Mapping[str, Scheme | None], constants: Mapping[str, Constant] | None = None
) -> tuple[Quantization, ...]:
    """The weights by scheme, the scheme with most weights first; None is a weight that stays float32.

    Of ``constants``, those that aren't among the weights and that their names would find are excluded.
    """
    by_scheme: dict[Scheme, list[str]] = {}
    for name, scheme in schemes.items():
        if scheme is not None:
            by_scheme.setdefault(scheme, []).append(pattern(name))
    ordered = sorted(by_scheme.items(), key=lambda item: -len(item[1]))
    return tuple(
        Quantization(
            scheme=scheme,
            small_weights="quantized",
            include=tuple(names),
            exclude=tuple(
                pattern(name)
                for name, constant in (constants or {}).items()
                if name not in schemes and set(names) & {pattern(source) for source in constant.sources}
            ),
        )
        for scheme, names in ordered
    )


def entry_text(name: str, quantizations: Sequence[Quantization]) -> str:
    """YAML of one entry, its list's dash in the first column."""
    lines = [f"- name: {_scalar(name)}", "  mixed:"]
    for each in quantizations:
        said = [f"{key}: {_scalar(value)}" for key, value in scheme_keys(each.scheme).items()]
        include = ", ".join(_scalar(item, inside=True) for item in each.include)
        exclude = ", ".join(_scalar(item, inside=True) for item in each.exclude)
        short = f"    - {{{', '.join(said)}, include: [{include}]{f', exclude: [{exclude}]' if exclude else ''}}}"
        if len(short) <= _WIDEST:
            lines.append(short)
            continue
        lines += [f"    - {said[0]}", *(f"      {each}" for each in said[1:]), "      include:"]
        lines += [f"        - {_scalar(item)}" for item in each.include]
        lines += ["      exclude:", *(f"        - {_scalar(item)}" for item in each.exclude)] if each.exclude else []
    return "\n".join(lines) + "\n"


def scheme_keys(scheme: Scheme) -> dict[str, object]:
    """``scheme`` and those options that aren't as they are by default, as the manifest spells them."""
    options = {
        each.name: getattr(scheme, each.name)
        for each in fields(scheme)
        if each.default is not MISSING and getattr(scheme, each.name) != each.default
    }
    return {"scheme": scheme.name, **options}


def _scalar(value: object, *, inside: bool = False) -> str:
    """A value as YAML has it plainly, else in quotes; ``inside`` of a list in brackets fewer texts are plain."""
    if isinstance(value, bool) or not isinstance(value, str):
        return json.dumps(value)
    safe = r"[A-Za-z0-9_./-]+" if inside else r"[A-Za-z0-9_./ -]+"
    if re.fullmatch(safe, value) and value == value.strip() and value[0] not in "-." and plain_scalar(value) == value:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return re.sub(r"[^ -~]", lambda found: _escaped(ord(found[0])), quoted)


def _escaped(character: int) -> str:
    return f"\\u{character:04x}" if character < 1 << 16 else f"\\U{character:08x}"
