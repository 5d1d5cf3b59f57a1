"""The part of booking's public face that is for providers: what they have to give."""

from shared.contracts.booking_supply_answers import (
    SupplyChangedSchema,
    SupplyChangesSchema,
    SupplySchema,
)
from shared.contracts.booking_supply_forms import (
    AddTimeOffRequestSchema,
    ChangeHoursRequestSchema,
    ChangeRulesRequestSchema,
    ChangeServiceRulesRequestSchema,
    ListSupplyChangesRequestSchema,
    ProviderRequestSchema,
    PutResourceRequestSchema,
    PutStaffRequestSchema,
    RemoveTimeOffRequestSchema,
)
from shared.contracts.declaration import MethodKind, RpcMethod
from shared.errors import Category, ErrorCode, forbidden

SERVICE = "booking"

windows_overlap = ErrorCode("windows_overlap", Category.INVALID, "These opening hours overlap.")
window_empty = ErrorCode("window_empty", Category.INVALID, "Opening hours close after they open.")
holidays_unknown = ErrorCode(
    "holidays_unknown", Category.INVALID, "No holidays are known of this country or this part of it."
)
date_closed = ErrorCode("date_closed", Category.INVALID, "The provider is closed on this date.")
too_few_units = ErrorCode("too_few_units", Category.INVALID, "The resource has fewer units.")
period_empty = ErrorCode("period_empty", Category.INVALID, "The end comes after the start.")
too_much_kept = ErrorCode(
    "too_much_kept", Category.CONFLICT, "As many of these are kept already as a provider may have."
)
bookings_stranded = ErrorCode(
    "bookings_stranded", Category.CONFLICT, "Agreed visits would not fit into what is left."
)

GET_SUPPLY = RpcMethod(SERVICE, "get_supply", MethodKind.QUESTION, ProviderRequestSchema, SupplySchema)
LIST_SUPPLY_CHANGES = RpcMethod(
    SERVICE,
    "list_supply_changes",
    MethodKind.QUESTION,
    ListSupplyChangesRequestSchema,
    SupplyChangesSchema,
    (forbidden,),
)
"""`forbidden`: one of the staff; it is the owner's and an administrator's to know."""
CHANGE_HOURS = RpcMethod(
    SERVICE,
    "change_hours",
    MethodKind.COMMAND,
    ChangeHoursRequestSchema,
    SupplyChangedSchema,
    (forbidden, windows_overlap, window_empty, date_closed, too_much_kept, bookings_stranded),
)
"""`bookings_stranded` carries `{"bookings": [...], "count": <int>, "confirmation": <text>}`: the same command
with this confirmation is carried out, as long as it strands the same visits. `forbidden`: one of the staff
changes their own hours and time off only. `date_closed`: and opens no date that the provider has closed, nor
a public holiday."""
CHANGE_RULES = RpcMethod(
    SERVICE,
    "change_rules",
    MethodKind.COMMAND,
    ChangeRulesRequestSchema,
    SupplyChangedSchema,
    (forbidden, holidays_unknown, bookings_stranded),
)
CHANGE_SERVICE_RULES = RpcMethod(
    SERVICE,
    "change_service_rules",
    MethodKind.COMMAND,
    ChangeServiceRulesRequestSchema,
    SupplyChangedSchema,
    (forbidden, too_few_units),
)
PUT_STAFF = RpcMethod(
    SERVICE,
    "put_staff",
    MethodKind.COMMAND,
    PutStaffRequestSchema,
    SupplyChangedSchema,
    (forbidden, too_much_kept, bookings_stranded),
)
"""`too_much_kept`, here and elsewhere, carries `{"kept": "staff", "most": 500}`."""
PUT_RESOURCE = RpcMethod(
    SERVICE,
    "put_resource",
    MethodKind.COMMAND,
    PutResourceRequestSchema,
    SupplyChangedSchema,
    (forbidden, too_much_kept, bookings_stranded),
)
ADD_TIME_OFF = RpcMethod(
    SERVICE,
    "add_time_off",
    MethodKind.COMMAND,
    AddTimeOffRequestSchema,
    SupplyChangedSchema,
    (forbidden, period_empty, too_much_kept, bookings_stranded),
)
REMOVE_TIME_OFF = RpcMethod(
    SERVICE,
    "remove_time_off",
    MethodKind.COMMAND,
    RemoveTimeOffRequestSchema,
    SupplyChangedSchema,
    (forbidden,),
)
SUPPLY_METHODS = (
    GET_SUPPLY,
    LIST_SUPPLY_CHANGES,
    CHANGE_HOURS,
    CHANGE_RULES,
    CHANGE_SERVICE_RULES,
    PUT_STAFF,
    PUT_RESOURCE,
    ADD_TIME_OFF,
    REMOVE_TIME_OFF,
)
SUPPLY_ERRORS = (
    windows_overlap,
    window_empty,
    date_closed,
    holidays_unknown,
    too_few_units,
    period_empty,
    too_much_kept,
    bookings_stranded,
)
