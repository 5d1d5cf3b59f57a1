"""Writes .env.example: every setting of every service with what it means and its default."""

from __future__ import annotations

import dataclasses
import importlib
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any

from deploy.local.instance import SERVICES
from shared.settings import ProcessSettings

_HEADER = """\
# Settings of the platform, written by `make env` from the settings.py of each service: change those instead.
# The launcher (make up) fills most of them by itself; what it finds set in the environment goes over its own.
"""

_MIGRATIONS = """
## python -m shared.database.migrate services.<name>
# the service's own database, as its owner role; required
MIGRATION_DATABASE_URL=
"""


def example() -> str:
    """The whole text; a setting that several services read stands once, under all of them."""
    readers: dict[str, list[str]] = {}
    fields: dict[str, dataclasses.Field[Any]] = {}
    for service in SERVICES:
        for field in dataclasses.fields(settings_of(service)):
            name = field.metadata["name"]
            readers.setdefault(name, []).append(service)
            fields.setdefault(name, field)
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, services in readers.items():
        groups.setdefault(tuple(services), []).append(name)
    parts = [_HEADER]
    for services_of_group, names in sorted(groups.items(), key=lambda item: (-len(item[0]), item[0])):
        title = "every process" if len(services_of_group) == len(SERVICES) else ", ".join(services_of_group)
        parts.append(f"\n## {title}\n" + "".join(_line(name, fields[name]) for name in names))
    return "".join([*parts, _MIGRATIONS])


def settings_of(service: str) -> type[ProcessSettings]:
    """The settings class of a service: the one that is declared in its settings.py."""
    module = importlib.import_module(f"services.{service}.settings")
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, ProcessSettings)
        and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise LookupError(f"{module.__name__} must declare exactly one settings class")
    return found[0]


def _line(name: str, field: dataclasses.Field[Any]) -> str:
    explanation = field.metadata["explanation"]
    if field.default is dataclasses.MISSING:
        return f"# {explanation}; required\n{name}=\n"
    return f"# {explanation}\n#{name}={_text(field.default)}\n"


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    if isinstance(value, StrEnum):
        return value.value
    return str(value)


def main(arguments: list[str]) -> int:
    """Write the file that is the only argument."""
    Path(arguments[0]).write_text(example(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
