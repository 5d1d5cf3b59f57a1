"""The part of booking's public face that is about series of visits."""

from shared.contracts.booking_forms import BookingSchema
from shared.contracts.booking_series_forms import (
    CancelSeriesRequestSchema,
    CreateSeriesRequestSchema,
    ListSeriesRequestSchema,
    PreviewSeriesRequestSchema,
    SeriesIdRequestSchema,
    SeriesListSchema,
    SeriesPreviewSchema,
    SeriesRefundQuoteSchema,
    SeriesSchema,
    SeriesScopeSchema,
)
from shared.contracts.booking_supply import SERVICE
from shared.contracts.declaration import EventType, MethodKind, RpcMethod
from shared.errors import Category, ErrorCode

rule_refused = ErrorCode("rule_refused", Category.INVALID, "A series can't repeat by this rule.")
nothing_to_cancel = ErrorCode(
    "nothing_to_cancel", Category.CONFLICT, "None of these visits can be cancelled any more."
)
series_quote_changed = ErrorCode(
    "series_quote_changed",
    Category.CONFLICT,
    "What you get back has changed. Look at it again before you cancel.",
)

PREVIEW_SERIES = RpcMethod(
    SERVICE,
    "preview_series",
    MethodKind.QUESTION,
    PreviewSeriesRequestSchema,
    SeriesPreviewSchema,
    (rule_refused,),
)
CREATE_SERIES = RpcMethod(
    SERVICE,
    "create_series",
    MethodKind.COMMAND,
    CreateSeriesRequestSchema,
    SeriesSchema,
    (rule_refused,),
)
"""Each instance in a transaction of its own; a refused one is told with its code, the others are held."""
GET_SERIES = RpcMethod(SERVICE, "get_series", MethodKind.QUESTION, SeriesIdRequestSchema, SeriesSchema)
LIST_SERIES = RpcMethod(
    SERVICE, "list_series", MethodKind.QUESTION, ListSeriesRequestSchema, SeriesListSchema
)
GET_SERIES_REFUND_QUOTE = RpcMethod(
    SERVICE,
    "get_series_refund_quote",
    MethodKind.QUESTION,
    SeriesScopeSchema,
    SeriesRefundQuoteSchema,
    (nothing_to_cancel,),
)
CANCEL_SERIES = RpcMethod(
    SERVICE,
    "cancel_series",
    MethodKind.COMMAND,
    CancelSeriesRequestSchema,
    SeriesSchema,
    (nothing_to_cancel, series_quote_changed),
)
"""All of them or none; `series_quote_changed` carries `{"quote": <refund quote>}`."""

BOOKING_PAYMENT_DUE = EventType(SERVICE, "booking_payment_due", 1, BookingSchema)
"""A visit of a kept series is not paid yet, and is no longer held after `hold_expires_at`: about a day before
that, once."""
SERIES_EVENTS = (BOOKING_PAYMENT_DUE,)

SERIES_METHODS = (
    PREVIEW_SERIES,
    CREATE_SERIES,
    GET_SERIES,
    LIST_SERIES,
    GET_SERIES_REFUND_QUOTE,
    CANCEL_SERIES,
)
SERIES_ERRORS = (rule_refused, nothing_to_cancel, series_quote_changed)
