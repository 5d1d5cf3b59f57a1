"""The refusals of booking's public face that several of its parts share."""

from shared.errors import Category, ErrorCode

past_date = ErrorCode("past_date", Category.INVALID, "This time has passed.")
beyond_window = ErrorCode("beyond_window", Category.INVALID, "This date is too far ahead to book.")
closed = ErrorCode("closed", Category.INVALID, "The provider does not work at this time.")
time_does_not_exist = ErrorCode(
    "time_does_not_exist", Category.INVALID, "The clocks skip this local time on that day."
)
short_notice = ErrorCode("short_notice", Category.INVALID, "This provider wants to know earlier.")
off_grid = ErrorCode("off_grid", Category.INVALID, "No visit starts at this time.")
outside_service_hours = ErrorCode(
    "outside_service_hours", Category.INVALID, "This service is not given at this time."
)
public_holiday = ErrorCode("public_holiday", Category.INVALID, "The provider is closed on this holiday.")
time_off = ErrorCode("time_off", Category.INVALID, "Nobody who does this works at this time.")
not_enough_staff = ErrorCode("not_enough_staff", Category.INVALID, "Too few people do this service.")
address_needed = ErrorCode("address_needed", Category.INVALID, "A home visit needs an address.")
place_not_offered = ErrorCode("place_not_offered", Category.INVALID, "The service is not given there.")
range_too_long = ErrorCode("range_too_long", Category.INVALID, "These are too many days at once.")
day_cap_reached = ErrorCode("day_cap_reached", Category.CONFLICT, "There are no more visits on this day.")
week_cap_reached = ErrorCode("week_cap_reached", Category.CONFLICT, "There are no more visits in this week.")
session_full = ErrorCode("session_full", Category.CONFLICT, "All places of this session are taken.")
resource_busy = ErrorCode(
    "resource_busy", Category.CONFLICT, "The room or the equipment is in use at this time."
)
too_far = ErrorCode("too_far", Category.CONFLICT, "It is too far from the visit before, or to the one after.")
customer_in_two_places = ErrorCode(
    "customer_in_two_places", Category.CONFLICT, "You have another visit at this time."
)
slot_taken = ErrorCode("slot_taken", Category.CONFLICT, "This time is no longer free.")
too_many_holds = ErrorCode(
    "too_many_holds", Category.CONFLICT, "Pay or cancel a held booking before holding another."
)
quote_changed = ErrorCode(
    "quote_changed", Category.CONFLICT, "What you get back has changed. Look at it again before you cancel."
)
hold_expired = ErrorCode("hold_expired", Category.CONFLICT, "The hold on this time has ended.")
too_early = ErrorCode("too_early", Category.CONFLICT, "It is too early to say that of this visit.")
booking_state_conflict = ErrorCode(
    "booking_state_conflict", Category.CONFLICT, "The booking's state does not allow this."
)

TIME_ERRORS = (
    past_date,
    beyond_window,
    closed,
    time_does_not_exist,
    short_notice,
    off_grid,
    outside_service_hours,
    public_holiday,
    time_off,
    not_enough_staff,
    place_not_offered,
    address_needed,
    day_cap_reached,
    week_cap_reached,
    session_full,
    resource_busy,
    too_far,
    slot_taken,
    customer_in_two_places,
)
"""Why a start is not booked."""
CREATE_ERRORS = (*TIME_ERRORS, too_many_holds)
