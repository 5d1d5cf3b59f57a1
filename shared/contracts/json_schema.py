"""JSON Schema (draft 2020-12) of a marshmallow schema, so that contracts are read without Python."""

import inspect
from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields, missing, validate

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Document = dict[str, Any]

_TYPES: tuple[tuple[type[fields.Field[Any]], Document], ...] = (
    (fields.Boolean, {"type": "boolean"}),
    (fields.Integer, {"type": "integer"}),
    (fields.Decimal, {"type": "string", "format": "decimal"}),
    (fields.Float, {"type": "number"}),
    (fields.String, {"type": "string"}),
    (fields.Dict, {"type": "object"}),
)
_FROM_METADATA = ("type", "format", "pattern", "description", "examples")


class SchemaWriter:
    """Turns schemas into references to definitions that it collects; each schema once, by its name."""

    def __init__(self, location: str = "#/$defs/", rename: Callable[[str], str] = lambda name: name) -> None:
        self._location = location
        self._rename = rename
        self.definitions: dict[str, Document] = {}

    def reference(self, schema: type[Schema]) -> Document:
        """`{"$ref": ...}` to the schema. Raises ValueError when two schemas have one name."""
        name = definition_name(schema)
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = self._object(schema)
        return {"$ref": f"{self._location}{name}"}

    def _object(self, schema: type[Schema]) -> Document:
        described = schema().fields
        names = {name: self._rename(field.data_key or name) for name, field in described.items()}
        document: Document = {
            "type": "object",
            "properties": {names[name]: self._field(field) for name, field in sorted(described.items())},
        }
        text = _description(schema)
        if text:
            document["description"] = text
        required = sorted(names[name] for name, field in described.items() if field.required)
        if required:
            document["required"] = required
        return document

    def _field(self, field: fields.Field[Any]) -> Document:
        document = self._type_of(field)
        document.update({key: field.metadata[key] for key in _FROM_METADATA if key in field.metadata})
        _add_validators(document, field)
        if field.load_default not in (missing, None):
            document["default"] = field.load_default
        return _nullable(document) if field.allow_none else document

    def _type_of(self, field: fields.Field[Any]) -> Document:
        if isinstance(field, fields.Nested):
            nested: Any = field.schema
            return self.reference(type(nested))
        if isinstance(field, fields.List):
            return {"type": "array", "items": self._field(field.inner)}
        if isinstance(field, fields.Enum):
            return {"type": "string", "enum": [member.value for member in field.enum]}
        for kind, document in _TYPES:
            if isinstance(field, kind):
                return dict(document)
        return {}


def definition_name(schema: type[Schema]) -> str:
    return schema.__name__.removesuffix("Schema")


def _description(schema: type[Schema]) -> str:
    """The schema's own docstring on one line; an inherited one would describe another schema."""
    return " ".join(inspect.cleandoc(schema.__dict__.get("__doc__") or "").split())


def _nullable(document: Document) -> Document:
    if isinstance(document.get("type"), str):
        document = {**document, "type": [document["type"], "null"]}
        return {**document, "enum": [*document["enum"], None]} if "enum" in document else document
    return {"anyOf": [document, {"type": "null"}]}


def _add_validators(document: Document, field: fields.Field[Any]) -> None:
    for validator in field.validators:
        if isinstance(validator, validate.OneOf):
            document["enum"] = [*validator.choices]
        elif isinstance(validator, validate.Regexp):
            document["pattern"] = str(validator.regex.pattern).replace(r"\Z", "$")
        elif isinstance(validator, validate.Range):
            _add_range(document, validator)
        elif isinstance(validator, validate.Length):
            _add_length(document, validator)


def _add_range(document: Document, validator: validate.Range) -> None:
    if validator.min is not None:
        document["minimum" if validator.min_inclusive else "exclusiveMinimum"] = validator.min
    if validator.max is not None:
        document["maximum" if validator.max_inclusive else "exclusiveMaximum"] = validator.max


def _add_length(document: Document, validator: validate.Length) -> None:
    unit = "Items" if document.get("type") == "array" else "Length"
    if validator.min is not None:
        document[f"min{unit}"] = validator.min
    if validator.max is not None:
        document[f"max{unit}"] = validator.max


def standalone(schema: type[Schema]) -> Document:
    """One schema as a document of its own, with the definitions that it needs."""
    writer = SchemaWriter()
    reference = writer.reference(schema)
    return {"$schema": DIALECT, **reference, "$defs": dict(sorted(writer.definitions.items()))}
