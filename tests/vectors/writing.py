"""How the files of vectors are written: a case a few lines long, so that a difference can be read."""

import json
from collections.abc import Mapping
from typing import Any

WIDTH = 120


def text_of(value: Any) -> str:
    """JSON that keeps on one line what fits on it."""
    return _written(value, "") + "\n"


def _written(value: Any, indent: str) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if not value or not isinstance(value, dict | list) or len(indent) + len(line) <= WIDTH:
        return line
    deeper = indent + "  "
    if isinstance(value, Mapping):
        items = [f"{json.dumps(name)}: {_written(item, deeper)}" for name, item in value.items()]
        return "{\n" + ",\n".join(deeper + item for item in items) + f"\n{indent}}}"
    if all(isinstance(item, str) for item in value):
        return "[\n" + _filled([json.dumps(item) for item in value], deeper) + f"\n{indent}]"
    items = [_written(item, deeper) for item in value]
    return "[\n" + ",\n".join(deeper + item for item in items) + f"\n{indent}]"


def _filled(words: list[str], indent: str) -> str:
    lines = [indent + words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(word) + 3 <= WIDTH:
            lines[-1] += f", {word}"
        else:
            lines[-1] += ","
            lines.append(indent + word)
    return "\n".join(lines)
