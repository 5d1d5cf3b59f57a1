"""Reads a catalogue from its file and refuses what could not be stored as a whole."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from services.search.domain.catalogue import (
    Catalogue,
    CatalogueError,
    Category,
    Provider,
    Review,
    Service,
    Texts,
)
from shared.contracts.fields import Id, Instant, TextsSchema, currency, required_money
from shared.geo import Point
from shared.money import Money

FORMAT = 1
_LONGEST_SERVICE_MINUTES = 24 * 60
_LONGEST_MESSAGE = 500
"""Characters; one mistake in a format repeats for each of thousands of providers."""


def _text() -> fields.String:
    return fields.String(required=True, validate=validate.Length(min=1))


def _texts() -> fields.Nested:
    return fields.Nested(TextsSchema, required=True)


class _Tolerant(Schema):
    """Members that we don't keep are left out, at every depth."""

    class Meta:
        unknown = EXCLUDE


class _CategorySchema(_Tolerant):
    id = Id(required=True)
    slug = fields.String(required=True, validate=validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*\Z"))
    name = _texts()
    position = fields.Integer(required=True, strict=True)


class _ServiceSchema(_Tolerant):
    id = Id(required=True)
    category_id = Id(required=True)
    name = _texts()
    description = _texts()
    duration_minutes = fields.Integer(
        required=True, strict=True, validate=validate.Range(5, _LONGEST_SERVICE_MINUTES)
    )
    price = required_money()


class _ReviewSchema(_Tolerant):
    id = Id(required=True)
    booking_id = Id(required=True)
    service_id = Id(required=True)
    customer_id = Id(required=True)
    author = _text()
    rating = fields.Integer(required=True, strict=True, validate=validate.Range(1, 5))
    text = fields.String(required=True)
    language = _text()
    created_at = Instant(required=True)


class _ProviderSchema(_Tolerant):
    id = Id(required=True)
    name = _texts()
    description = _texts()
    city = _text()
    country = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{2}\Z"))
    latitude = fields.Float(required=True, validate=validate.Range(-90, 90))
    longitude = fields.Float(required=True, validate=validate.Range(-180, 180))
    time_zone = fields.String(required=True, validate=validate.OneOf(sorted(available_timezones())))
    currency = currency(required=True)
    payable = fields.Boolean(required=True)
    services = fields.List(fields.Nested(_ServiceSchema), required=True)
    reviews = fields.List(fields.Nested(_ReviewSchema), required=True)


class _CatalogueSchema(_Tolerant):
    format = fields.Integer(required=True, validate=validate.Equal(FORMAT))
    categories = fields.List(fields.Nested(_CategorySchema), required=True)
    providers = fields.List(fields.Nested(_ProviderSchema), required=True)
    withdrawn_providers = fields.List(Id(), load_default=list)


def read_catalogue(path: Path) -> Catalogue:
    """Read a catalogue file.

    Raises CatalogueError for a file that is no catalogue, an id or booking that stands twice, and
    a price in another currency than its provider's; OSError for a file that can't be read.
    """
    try:
        content = _CatalogueSchema().load(json.loads(path.read_bytes()))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CatalogueError(f"{path} is not JSON: {error}") from error
    except ValidationError as error:
        raise CatalogueError(f"{path} is not a catalogue: {_shortened(error.messages)}") from error
    catalogue = Catalogue(
        categories=tuple(_category(one) for one in content["categories"]),
        providers=tuple(_provider(one) for one in content["providers"]),
        withdrawn_provider_ids=tuple(content["withdrawn_providers"]),
    )
    problems = [*_twice(catalogue), *_other_currencies(catalogue)]
    if problems:
        raise CatalogueError("; ".join(problems))
    return catalogue


def _shortened(messages: object) -> str:
    text = str(messages)
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]} ..."


def _category(value: Mapping[str, Any]) -> Category:
    return Category(value["id"], value["slug"], _read_texts(value["name"]), value["position"])


def _provider(value: Mapping[str, Any]) -> Provider:
    return Provider(
        id=value["id"],
        name=_read_texts(value["name"]),
        about=_read_texts(value["description"]),
        city=value["city"],
        country=value["country"],
        time_zone=value["time_zone"],
        currency=value["currency"],
        location=Point(value["latitude"], value["longitude"]),
        payable=value["payable"],
        services=tuple(_service(one) for one in value["services"]),
        reviews=tuple(Review(**one) for one in value["reviews"]),
    )


def _service(value: Mapping[str, Any]) -> Service:
    return Service(
        id=value["id"],
        category_id=value["category_id"],
        name=_read_texts(value["name"]),
        description=_read_texts(value["description"]),
        duration_minutes=value["duration_minutes"],
        list_price=Money.from_wire(value["price"]),
    )


def _read_texts(value: Mapping[str, Any]) -> Texts:
    return Texts(value["en"], value["ar"])


def _twice(catalogue: Catalogue) -> Iterator[str]:
    kinds = {
        "category": [one.id for one in catalogue.categories],
        "slug": [one.slug for one in catalogue.categories],
        "provider": [*(one.id for one in catalogue.providers), *catalogue.withdrawn_provider_ids],
        "service": [one.id for owner in catalogue.providers for one in owner.services],
        "review": [one.id for owner in catalogue.providers for one in owner.reviews],
        "reviewed booking": [one.booking_id for owner in catalogue.providers for one in owner.reviews],
    }
    for kind, values in kinds.items():
        yield from (f"{kind} {value} stands twice" for value, number in Counter(values).items() if number > 1)


def _other_currencies(catalogue: Catalogue) -> Iterator[str]:
    for owner in catalogue.providers:
        for one in owner.services:
            if one.list_price.currency != owner.currency:
                yield f"service {one.id} is not priced in {owner.currency}"
            if one.list_price.amount < 0:
                yield f"service {one.id} has a negative price"
