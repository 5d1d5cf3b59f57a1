"""Which providers a search finds, as conditions that the indexes of `provider` can answer."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Uuid,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import LateralFromClause
from sqlalchemy.types import Float

from services.search.domain.criteria import Criteria, Sort
from services.search.domain.distances import Box, box_around, chord_km
from services.search.store.tables import TEXT_SEARCH, Cube, category, provider, service
from shared.geo import Point, Vector, vector

_DIMENSIONS = 3


@dataclass(frozen=True)
class Wanted:
    """Criteria with the category's id in place of its slug."""

    criteria: Criteria
    category_id: str | None

    @property
    def walks_outwards(self) -> bool:
        """Whether the nearest are wanted, however far they are."""
        return self.criteria.sort is Sort.DISTANCE and self.criteria.radius_km is None

    @property
    def narrows_services(self) -> bool:
        """Whether not every service of a provider matches."""
        return self.criteria.words is not None or self.category_id is not None

    @property
    def compares_matching_prices(self) -> bool:
        """Whether the cheapest matching service has to be known of every candidate."""
        by_price = self.criteria.bounds_price or self.criteria.sort is Sort.PRICE
        return by_price and self.narrows_services


def conditions(wanted: Wanted, price: ColumnElement[int]) -> list[ColumnElement[bool]]:
    """What a provider must fulfil; `price` is that of its cheapest matching service."""
    criteria = wanted.criteria
    found: list[ColumnElement[bool]] = [provider.c.findable]
    if criteria.words is not None:
        found.append(provider.c.document.bool_op("@@")(text_query(criteria.words)))
    if wanted.category_id is not None:
        ids = cast([wanted.category_id], ARRAY(Uuid(as_uuid=False)))
        found.append(provider.c.category_ids.contains(ids))
    if criteria.point is not None and criteria.radius_km is not None:
        found.extend(_within(criteria.point, criteria.radius_km))
    if criteria.currency is not None:
        found.append(provider.c.currency == criteria.currency)
    if criteria.min_price is not None:
        found.append(price >= criteria.min_price)
    if criteria.max_price is not None:
        found.append(price <= criteria.max_price)
    if criteria.min_rating:
        found.append(provider.c.rating_hundredths >= criteria.min_rating)
    return found


def cheapest_matching(wanted: Wanted) -> LateralFromClause:
    """The price of a provider's cheapest matching service, to be joined to `provider`."""
    price: ColumnElement[Any] = func.min(service.c.price_amount)
    if wanted.criteria.words is not None:
        price = func.coalesce(
            func.min(service.c.price_amount).filter(names_words(wanted.criteria.words)), price
        )
    statement = (
        select(price.label("from_price"))
        .select_from(offered())
        .where(service.c.provider_id == provider.c.id, *service_conditions(wanted))
    )
    return statement.lateral("cheapest")


def offered() -> FromClause:
    """Services with their categories, whose names count as theirs."""
    return service.join(category, category.c.id == service.c.category_id)


def service_conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What a service must fulfil to be shown, apart from the text."""
    found: list[ColumnElement[bool]] = [~service.c.withdrawn]
    if wanted.category_id is not None:
        found.append(service.c.category_id == wanted.category_id)
    return found


def names_words(words: str) -> ColumnElement[bool]:
    """Whether a service's own texts, with its category's name, hold what was looked for."""
    return service.c.words.op("||")(category.c.words).bool_op("@@")(text_query(words))


def text_query(words: str) -> ColumnElement[Any]:
    configuration: ColumnElement[Any] = literal_column(f"'{TEXT_SEARCH}'::regconfig")
    return func.websearch_to_tsquery(configuration, words)


def relevance(words: str) -> ColumnElement[int]:
    """How well a provider matches, in millionths: a whole number, so that ties are ties."""
    rank = func.ts_rank(provider.c.document, text_query(words))
    return cast(func.round(rank * 1_000_000), Integer)


def chord(point: Point) -> ColumnElement[float]:
    """The straight line to a point, in kilometres; the index of `place` can sort by it."""
    return provider.c.place.op("<->", return_type=Float())(_cube(vector(point)))


def within_chord(point: Point, reach: ColumnElement[float]) -> list[ColumnElement[bool]]:
    """Like a radius, when how far is known to the database only."""
    box = func.cube_enlarge(_cube(vector(point)), reach, _DIMENSIONS)
    return [provider.c.place.bool_op("<@")(box), chord(point) <= reach]


def _within(point: Point, radius_km: float) -> list[ColumnElement[bool]]:
    box = _cube(box_around(point, radius_km))
    return [provider.c.place.bool_op("<@")(box), chord(point) <= chord_km(radius_km)]


def _cube(shape: Vector | Box) -> ColumnElement[str]:
    corners = f"{shape.low},{shape.high}" if isinstance(shape, Box) else str(shape)
    return cast(literal(corners), Cube)
