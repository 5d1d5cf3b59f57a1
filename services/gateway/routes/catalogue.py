"""customer/categories, search, providers/*: finding care; answers come from the cache where it is current."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, g, request
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.gateway import cache_entries
from services.gateway.amounts import DecimalNumber
from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares, render, respond
from services.gateway.cache_entries import Entry
from services.gateway.gate import owed
from services.gateway.process import resources
from services.gateway.routes.free_search import search_free
from services.gateway.routes.lists import PageQuery
from shared.contracts import booking, search
from shared.contracts.booking_times_forms import AvailabilitySchema, ExplanationSchema
from shared.contracts.declaration import RpcMethod
from shared.contracts.fields import Id, local_date
from shared.money import EXPONENTS, parse_major

blueprint = Blueprint("catalogue", __name__, url_prefix="/customer", description="Finding care")

FOUND = "Providers that match."
PROFILE = "The provider."
CATEGORIES = "The kinds of care."
NO_STORE = {"Cache-Control": "no-store"}
SLOTS = "Free times of these days."
AT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}([+-]\d{2}:\d{2})?\Z"


class PointQuery(Schema):
    """A point in WGS 84 degrees; distances are measured from it, on a grid of about 100 m."""

    latitude = fields.Float(load_default=None, validate=validate.Range(-90, 90))
    longitude = fields.Float(load_default=None, validate=validate.Range(-180, 180))

    @validates_schema
    def _both_or_none(self, data: Mapping[str, Any], **_: Any) -> None:
        for name, other in (("latitude", "longitude"), ("longitude", "latitude")):
            if data.get(name) is None and data.get(other) is not None:
                raise ValidationError("Both latitude and longitude, or neither.", name)


class SearchQuery(PointQuery, PageQuery):
    """What to look for. Prices are in major units of `currency`, which they need."""

    query = fields.String(load_default=None, validate=validate.Length(1, 200))
    radius_km = fields.Float(
        data_key="radiusKm",
        load_default=None,
        validate=validate.Range(0, search.MAX_RADIUS_KM, min_inclusive=False),
    )
    category = fields.String(load_default=None, validate=validate.Length(1, 100))
    min_price = DecimalNumber(data_key="minPrice", load_default=None, from_text=True)
    max_price = DecimalNumber(data_key="maxPrice", load_default=None, from_text=True)
    currency = fields.String(load_default=None, validate=validate.OneOf(sorted(EXPONENTS)))
    min_rating = fields.Float(data_key="minRating", load_default=None, validate=validate.Range(0, 5))
    sort = fields.String(load_default="relevance", validate=validate.OneOf(search.SORTS))
    date = local_date(load_default=None)

    @validates_schema
    def _members_that_need_others(self, data: Mapping[str, Any], **_: Any) -> None:
        has_price = data.get("min_price") is not None or data.get("max_price") is not None
        if has_price and data.get("currency") is None:
            raise ValidationError("Needed with minPrice or maxPrice.", "currency")
        if data.get("radius_km") is not None and data.get("latitude") is None:
            raise ValidationError("Needs latitude and longitude.", "radiusKm")
        if data.get("sort") == "distance" and data.get("latitude") is None:
            raise ValidationError("Sorting by distance needs latitude and longitude.", "sort")


class AvailabilityQuery(PointQuery):
    """A local day of the provider, or days from and to, 62 at most; of one member of staff or of anyone.

    With the point of a home visit, the ways to it count; without, holding a time decides about them.
    """

    service_id = Id(data_key="serviceId", required=True)
    date = local_date(load_default=None)
    from_date = local_date(data_key="from", load_default=None)
    to_date = local_date(data_key="to", load_default=None)
    staff_id = Id(data_key="staffId", load_default=None)

    @validates_schema
    def check(self, data: Mapping[str, Any], **_: Any) -> None:
        """A day, or a range with both its ends."""
        if (data.get("date") is None) == (data.get("from_date") is None):
            raise ValidationError("Give a date, or from and to.", "date")
        if (data.get("from_date") is None) != (data.get("to_date") is None):
            raise ValidationError("A range has a first and a last day.", "to")


class ExplainQuery(PointQuery):
    """A start: `at` in the provider's local time (`2027-01-15T10:00`), with an offset for a repeated hour;
    of a home visit its point."""

    service_id = Id(data_key="serviceId", required=True)
    at = fields.String(required=True, validate=validate.Regexp(AT))
    staff_id = Id(data_key="staffId", load_default=None)


@blueprint.get("/categories")
@declares(Access.ANYONE, Budget.SEARCH, is_cached=True)
@blueprint.answers(search.CategoriesSchema, CATEGORIES)
def list_categories() -> Response:
    """The kinds of care that are offered."""
    return _cached(cache_entries.categories_entry(), _asking(search.LIST_CATEGORIES, {}, CATEGORIES))


@blueprint.get("/search")
@declares(Access.ANYONE, Budget.SEARCH, is_cached=True)
@blueprint.query(SearchQuery)
@blueprint.answers(search.SearchAnswerSchema, FOUND)
def search_providers(query: dict[str, Any]) -> Response | Answer:
    """Find providers by text, category, place, price, rating and free date.

    With `date`: those who have a free start on their local day, of any service that matches, up to 100 of
    each. A day that is over in every zone is `past_date`, one beyond every window `beyond_window`.
    """
    wanted = _on_grid(query)
    date = wanted.pop("date")
    for name in ("min_price", "max_price"):
        if wanted[name] is not None:
            wanted[name] = parse_major(wanted[name], wanted["currency"]).amount
    if date is not None:
        owed()()
        return Answer(search_free(wanted, date), limit=wanted["limit"], headers=NO_STORE)
    ask = _asking(search.SEARCH_PROVIDERS, wanted, FOUND, wanted["limit"])
    return _cached(cache_entries.search_entry(wanted), ask)


@blueprint.get("/providers/<id:provider_id>")
@declares(Access.ANYONE, Budget.SEARCH, is_cached=True)
@blueprint.query(PointQuery)
@blueprint.answers(search.ProviderProfileSchema, PROFILE)
def get_provider(query: dict[str, Any], provider_id: str) -> Response:
    """A provider's profile with its services."""
    wanted = _on_grid(query) | {"provider_id": provider_id}
    entry = cache_entries.provider_entry(provider_id, wanted["latitude"], wanted["longitude"])
    return _cached(entry, _asking(search.GET_PROVIDER, wanted, PROFILE))


@blueprint.get("/providers/<id:provider_id>/reviews")
@declares(Access.ANYONE, Budget.SEARCH)
@blueprint.query(PageQuery)
@blueprint.answers(search.ReviewsSchema, "Reviews of the provider, newest first.")
def list_reviews(query: dict[str, Any], provider_id: str) -> Answer:
    """What customers say after their visits."""
    wanted = query | {"provider_id": provider_id}
    return Answer(resources().services.ask(search.LIST_REVIEWS, wanted), limit=query["limit"])


@blueprint.get("/providers/<id:provider_id>/availability")
@declares(Access.ANYONE, Budget.SEARCH, is_cached=True)
@blueprint.query(AvailabilityQuery)
@blueprint.answers(AvailabilitySchema, SLOTS)
def get_availability(query: dict[str, Any], provider_id: str) -> Response:
    """Free times of a service on local days. Advice: booking decides."""
    wanted = query | {"provider_id": provider_id}
    if query["latitude"] is not None:
        # Where somebody lives is no key of a cache.
        owed()()
        return respond(
            Answer(resources().services.ask(booking.GET_AVAILABILITY, wanted), headers=NO_STORE),
            AvailabilitySchema,
            SLOTS,
        )
    first, last = query["date"] or query["from_date"], query["date"] or query["to_date"]
    days = cache_entries.Days(first, last)
    entry = cache_entries.availability_entry(provider_id, query["service_id"], query["staff_id"], days)
    return _cached(entry, _asking(booking.GET_AVAILABILITY, wanted, SLOTS))


@blueprint.get("/providers/<id:provider_id>/availability/explain")
@declares(Access.ANYONE, Budget.SEARCH)
@blueprint.query(ExplainQuery)
@blueprint.answers(ExplanationSchema, "Why this time is free or not.")
def explain_availability(query: dict[str, Any], provider_id: str) -> Answer:
    """Which rules remove a start, and the nearest free ones."""
    day, _, rest = query["at"].partition("T")
    wanted = {
        "provider_id": provider_id,
        "service_id": query["service_id"],
        "staff_id": query["staff_id"],
        "date": day,
        "time": rest[:5],
        "utc_offset": rest[5:] or None,
        "latitude": query["latitude"],
        "longitude": query["longitude"],
    }
    return Answer(resources().services.ask(booking.EXPLAIN_AVAILABILITY, wanted))


def _on_grid(query: dict[str, Any]) -> dict[str, Any]:
    """The point is snapped before it becomes a key, and asked for as snapped: one key, one answer."""
    return query | {name: cache_entries.snap(query[name]) for name in ("latitude", "longitude")}


def _asking(
    method: RpcMethod, wanted: Mapping[str, Any], message: str, limit: int | None = None
) -> Callable[[], bytes]:
    services = resources().services
    return lambda: render(Answer(services.ask(method, wanted), limit=limit), method.answer, message)


def _cached(entry: Entry, compute: Callable[[], bytes]) -> Response:
    body = resources().cache.get(entry, compute, owed())
    g.entry = entry
    response = Response(body, content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.add_etag()
    if "If-None-Match" in request.headers:
        response.make_conditional(request)
    return response
