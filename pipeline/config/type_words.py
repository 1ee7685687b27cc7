"""The type of an option in words, with its bounds, from the JSON schema of its model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

_BOUNDS: Final = (("minimum", ">="), ("exclusiveMinimum", ">"), ("maximum", "<="), ("exclusiveMaximum", "<"))
_STRINGS: Final = {"path": "path", "date-time": "instant"}
_PLAIN: Final = {"integer": "integer", "number": "number", "boolean": "true or false"}


def type_words(shape: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """`number > 0`, `"off" or "on"`, `list of text`, `table of number by name`."""
    if "$ref" in shape:
        shape = definitions[shape["$ref"].rpartition("/")[2]]
    if "anyOf" in shape:
        branches = (type_words(one, definitions) for one in shape["anyOf"] if one.get("type") != "null")
        return _either(list(dict.fromkeys(branches)))
    if "enum" in shape or "const" in shape:
        return _either([json.dumps(one) for one in shape.get("enum", [shape.get("const")])])
    match shape["type"]:
        case "array":
            inner = shape.get("items") or shape["prefixItems"][0]
            words = f"list of {type_words(inner, definitions)}"
        case "object":
            words = f"table of {type_words(shape['additionalProperties'], definitions)} by name"
        case "string":
            words = _STRINGS.get(shape.get("format", ""), "text")
        case kind:
            words = " ".join([_PLAIN[kind], *_bounds(shape)])
    return words


def _either(words: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return " or ".join([*([", ".join(words[:-1])] if len(words) > 1 else []), words[-1]])


def _bounds(shape: Mapping[str, Any]) -> list[str]:
    found = [f"{sign} {shape[key]}" for key, sign in _BOUNDS if key in shape]
    return [" and ".join(found)] if found else []
