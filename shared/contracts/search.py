"""The public face of search: finding providers; events of the catalogue."""

from marshmallow import Schema, fields, validate

from shared.contracts.declaration import EventType, MethodKind, RpcMethod
from shared.contracts.fields import (
    Id,
    Instant,
    PageRequestSchema,
    TextsSchema,
    currency,
    required_money,
)
from shared.errors import ErrorCode

SERVICE = "search"
SORTS = ("relevance", "distance", "rating", "price")
MAX_RADIUS_KM = 200
MAX_PRICE_MINOR = 10**15
MAX_SERVICES_OF_HIT = 10
MAX_SERVICE_IDS_OF_HIT = 100


class EmptySchema(Schema):
    """No members."""


class CategorySchema(Schema):
    """A kind of care. `slug` is what clients filter by."""

    category_id = Id(required=True)
    slug = fields.String(required=True)
    name = fields.Nested(TextsSchema, required=True)


class CategoriesSchema(Schema):
    categories = fields.List(fields.Nested(CategorySchema), required=True)


class PointSchema(Schema):
    """WGS 84 degrees."""

    latitude = fields.Float(required=True, validate=validate.Range(-90, 90))
    longitude = fields.Float(required=True, validate=validate.Range(-180, 180))


class SearchRequestSchema(PageRequestSchema):
    """What to look for; every member is optional.

    Prices are minor units of `currency` (which is required with them) and bound the list price of
    a provider's cheapest matching service. `radius_km` needs a point, and so does sorting by distance.
    `category` is a slug. Sorted by price, each currency comes in turn: amounts of two don't compare.
    `with_service_ids`: hits name all that match, not only what they show.
    """

    query = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    latitude = fields.Float(load_default=None, allow_none=True, validate=validate.Range(-90, 90))
    longitude = fields.Float(load_default=None, allow_none=True, validate=validate.Range(-180, 180))
    radius_km = fields.Float(
        load_default=None, allow_none=True, validate=validate.Range(0, MAX_RADIUS_KM, min_inclusive=False)
    )
    category = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    min_price = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, MAX_PRICE_MINOR)
    )
    max_price = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, MAX_PRICE_MINOR)
    )
    currency = currency(load_default=None, allow_none=True)
    min_rating = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, 5))
    sort = fields.String(load_default="relevance", validate=validate.OneOf(SORTS))
    with_service_ids = fields.Boolean(load_default=False)


class RatingSchema(Schema):
    """`average` is null without reviews, else 1 to 5 with two decimals."""

    average = fields.Float(required=True, allow_none=True)
    count = fields.Integer(required=True)


class ServiceSchema(Schema):
    """A service on offer. `list_price` is what search shows; booking quotes the price."""

    service_id = Id(required=True)
    category = fields.String(required=True)
    name = fields.Nested(TextsSchema, required=True)
    description = fields.Nested(TextsSchema, required=True)
    duration_minutes = fields.Integer(required=True)
    list_price = required_money()


class FoundProviderSchema(Schema):
    """One hit. `distance_km` is null when the request named no point.

    `services` are those that match, the cheapest first, at most MAX_SERVICES_OF_HIT; the first is
    the one that `from_price` speaks of.
    """

    provider_id = Id(required=True)
    name = fields.Nested(TextsSchema, required=True)
    city = fields.String(required=True)
    time_zone = fields.String(required=True)
    location = fields.Nested(PointSchema, required=True)
    distance_km = fields.Float(required=True, allow_none=True)
    rating = fields.Nested(RatingSchema, required=True)
    from_price = required_money()
    services = fields.List(fields.Nested(ServiceSchema), required=True)


class SearchAnswerSchema(Schema):
    """`next` is null on the last page."""

    providers = fields.List(fields.Nested(FoundProviderSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class MatchedProviderSchema(FoundProviderSchema):
    """`service_ids`, when they were asked for: of all services that match, in the order of `services`, at
    most MAX_SERVICE_IDS_OF_HIT."""

    service_ids = fields.List(Id())


class MatchesSchema(SearchAnswerSchema):
    """What search answers to the gateway, which knows what to do with ids."""

    providers = fields.List(fields.Nested(MatchedProviderSchema), required=True)


class GetProviderRequestSchema(Schema):
    """The point, if given, is where distance is measured from."""

    provider_id = Id(required=True)
    latitude = fields.Float(load_default=None, allow_none=True, validate=validate.Range(-90, 90))
    longitude = fields.Float(load_default=None, allow_none=True, validate=validate.Range(-180, 180))


class ProviderProfileSchema(Schema):
    provider_id = Id(required=True)
    name = fields.Nested(TextsSchema, required=True)
    about = fields.Nested(TextsSchema, required=True)
    city = fields.String(required=True)
    time_zone = fields.String(required=True)
    currency = currency(required=True)
    location = fields.Nested(PointSchema, required=True)
    distance_km = fields.Float(required=True, allow_none=True)
    rating = fields.Nested(RatingSchema, required=True)
    services = fields.List(fields.Nested(ServiceSchema), required=True)


class ListReviewsRequestSchema(PageRequestSchema):
    provider_id = Id(required=True)


class ReviewSchema(Schema):
    """`author` is a given name or initials, never more."""

    review_id = Id(required=True)
    rating = fields.Integer(required=True, validate=validate.Range(1, 5))
    text = fields.String(required=True)
    author = fields.String(required=True)
    created_at = Instant(required=True)


class ReviewsSchema(Schema):
    reviews = fields.List(fields.Nested(ReviewSchema), required=True)
    next = fields.String(required=True, allow_none=True)


LIST_CATEGORIES = RpcMethod(SERVICE, "list_categories", MethodKind.QUESTION, EmptySchema, CategoriesSchema)
SEARCH_PROVIDERS = RpcMethod(
    SERVICE, "search_providers", MethodKind.QUESTION, SearchRequestSchema, MatchesSchema
)
GET_PROVIDER = RpcMethod(
    SERVICE, "get_provider", MethodKind.QUESTION, GetProviderRequestSchema, ProviderProfileSchema
)
LIST_REVIEWS = RpcMethod(
    SERVICE, "list_reviews", MethodKind.QUESTION, ListReviewsRequestSchema, ReviewsSchema
)
METHODS = (LIST_CATEGORIES, SEARCH_PROVIDERS, GET_PROVIDER, LIST_REVIEWS)


class CategoryChangedSchema(CategorySchema):
    """A category as it is now; `withdrawn` when it is no longer offered."""

    withdrawn = fields.Boolean(required=True)


class ProviderPublishedSchema(Schema):
    """A provider as everyone may see it. `payable`: whether the provider wants to take payments."""

    provider_id = Id(required=True)
    name = fields.Nested(TextsSchema, required=True)
    city = fields.String(required=True)
    country = fields.String(required=True, validate=validate.Length(2, 2))
    time_zone = fields.String(required=True)
    currency = currency(required=True)
    location = fields.Nested(PointSchema, required=True)
    payable = fields.Boolean(required=True)


class ProviderWithdrawnSchema(Schema):
    provider_id = Id(required=True)


class ServicePublishedSchema(Schema):
    """A service as everyone may see it, with its list price."""

    service_id = Id(required=True)
    provider_id = Id(required=True)
    category = fields.String(required=True)
    name = fields.Nested(TextsSchema, required=True)
    duration_minutes = fields.Integer(required=True, validate=validate.Range(5, 24 * 60))
    list_price = required_money()


class ServiceWithdrawnSchema(Schema):
    service_id = Id(required=True)
    provider_id = Id(required=True)


class ReviewPublishedSchema(Schema):
    """A review that counts, with the provider's rating after it."""

    review_id = Id(required=True)
    provider_id = Id(required=True)
    booking_id = Id(required=True)
    rating = fields.Integer(required=True)
    provider_rating = fields.Nested(RatingSchema, required=True)


CATEGORY_CHANGED = EventType(SERVICE, "category_changed", 1, CategoryChangedSchema)
PROVIDER_PUBLISHED = EventType(SERVICE, "provider_published", 1, ProviderPublishedSchema)
PROVIDER_WITHDRAWN = EventType(SERVICE, "provider_withdrawn", 1, ProviderWithdrawnSchema)
SERVICE_PUBLISHED = EventType(SERVICE, "service_published", 1, ServicePublishedSchema)
SERVICE_WITHDRAWN = EventType(SERVICE, "service_withdrawn", 1, ServiceWithdrawnSchema)
REVIEW_PUBLISHED = EventType(SERVICE, "review_published", 1, ReviewPublishedSchema)
EVENTS = (
    CATEGORY_CHANGED,
    PROVIDER_PUBLISHED,
    PROVIDER_WITHDRAWN,
    SERVICE_PUBLISHED,
    SERVICE_WITHDRAWN,
    REVIEW_PUBLISHED,
)
ERRORS: tuple[ErrorCode, ...] = ()
