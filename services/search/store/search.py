"""The query of a search: one page of providers in a stable order, then their matching services."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, cast, func, select, true, tuple_

from services.search.domain.criteria import Sort
from services.search.store.profiles import PROVIDER_COLUMNS, SERVICE_COLUMNS
from services.search.store.search_conditions import (
    Wanted,
    cheapest_matching,
    chord,
    conditions,
    names_words,
    offered,
    relevance,
    service_conditions,
    within_chord,
)
from services.search.store.tables import AnyRow, category, provider, service

Key = tuple[int | float | str, ...]
"""Where a result stands in its order; the last part is the provider's id, so that no two are equal."""


@dataclass(frozen=True)
class _Order:
    """Columns that all rise or all fall, so that one comparison of rows finds the next page."""

    columns: tuple[ColumnElement[Any], ...]
    falling: bool

    def after(self, key: Key) -> ColumnElement[bool]:
        here = tuple_(*self.columns)
        there = tuple_(*(cast(value, column.type) for value, column in zip(key, self.columns, strict=True)))
        return here < there if self.falling else here > there

    def clauses(self) -> list[ColumnElement[Any]]:
        return [column.desc() if self.falling else column.asc() for column in self.columns]


def find_providers(connection: Connection, wanted: Wanted, after: Key | None, limit: int) -> Sequence[AnyRow]:
    """At most `limit` providers behind `after`, with `key_0`, `key_1`, ... and `chord` (or NULL)."""
    return connection.execute(providers_statement(wanted, after, limit)).all()


def providers_statement(wanted: Wanted, after: Key | None, limit: int) -> Select[Any]:
    """The statement of `find_providers`; the test of its plans reads it too."""
    price: ColumnElement[int] = provider.c.from_price
    source: Any = provider
    if wanted.compares_matching_prices:
        cheapest = cheapest_matching(wanted)
        price, source = cheapest.c.from_price, provider.join(cheapest, true())
    order = _order(wanted, price)
    filters = conditions(wanted, price)
    if after is not None:
        filters.append(order.after(after))
    point = wanted.criteria.point
    if point is not None and wanted.walks_outwards:
        reach = _reach(select(chord(point).label("chord")).select_from(source).where(and_(*filters)), limit)
        filters.extend(within_chord(point, reach))
    distance = chord(point).label("chord") if point else cast(None, provider.c.latitude.type).label("chord")
    keys = [column.label(f"key_{number}") for number, column in enumerate(order.columns)]
    return (
        select(*PROVIDER_COLUMNS, distance, *keys)
        .select_from(source)
        .where(and_(*filters))
        .order_by(*order.clauses())
        .limit(limit)
    )


def _reach(near: Select[float], limit: int) -> ColumnElement[float]:
    """How far the farthest of the nearest `limit` is.

    An index walks outwards by distance alone (PostgreSQL has no order by distance, then id, from an
    index); so the page is everything up to there, sorted completely.
    """
    nearest = near.order_by(near.selected_columns.chord).limit(limit).subquery("nearest")
    return select(func.max(nearest.c.chord)).scalar_subquery()


def key_of(row: AnyRow) -> Key:
    """Where a row of `find_providers` stands in its order."""
    return tuple(value for name, value in row._mapping.items() if name.startswith("key_"))


def key_types(wanted: Wanted) -> tuple[type, ...]:
    """The Python types of the keys of this order."""
    return tuple(column.type.python_type for column in _order(wanted, provider.c.from_price).columns)


def matching_services(
    connection: Connection, wanted: Wanted, provider_ids: Sequence[str], most: int
) -> Sequence[AnyRow]:
    """The matching services of these providers, the cheapest first, at most so many of each.

    When a text was given, the services that hold it match; where none does (the text is the
    provider's name or city), all of the category do.
    """
    words = wanted.criteria.words
    named = names_words(words) if words is not None else true()
    place = func.row_number().over(
        partition_by=service.c.provider_id,
        order_by=(named.desc(), service.c.price_amount, service.c.id),
    )
    ranked = (
        select(
            *SERVICE_COLUMNS,
            place.label("place"),
            named.label("named"),
            func.bool_or(named).over(partition_by=service.c.provider_id).label("any_named"),
        )
        .select_from(offered())
        .where(service.c.provider_id.in_(list(provider_ids)), *service_conditions(wanted))
        .subquery()
    )
    statement = (
        select(ranked)
        .where(ranked.c.place <= most, ranked.c.named == ranked.c.any_named)
        .order_by(ranked.c.provider_id, ranked.c.place)
    )
    return connection.execute(statement).all()


def category_id(connection: Connection, slug: str) -> str | None:
    """The id of a category; None when there is no such slug."""
    return connection.execute(select(category.c.id).where(category.c.slug == slug)).scalar_one_or_none()


def _order(wanted: Wanted, price: ColumnElement[int]) -> _Order:
    criteria = wanted.criteria
    identity = provider.c.id
    if criteria.sort is Sort.DISTANCE and criteria.point is not None:
        return _Order((chord(criteria.point), identity), falling=False)
    if criteria.sort is Sort.PRICE:
        # amounts of two currencies don't compare: each currency in turn
        return _Order((provider.c.currency, price, identity), falling=False)
    if criteria.sort is Sort.RATING:
        return _Order((provider.c.rating_hundredths, provider.c.rating_count, identity), falling=True)
    quality = (provider.c.weighted_thousandths, provider.c.rating_count, identity)
    if criteria.words is None:
        return _Order(quality, falling=True)
    return _Order((relevance(criteria.words), provider.c.weighted_thousandths, identity), falling=True)
