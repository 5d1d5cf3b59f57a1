"""What the history keeps of a booking with each change, as SQL, and which of its members it leaves out."""

from services.booking.store.tables import booking as table

CONSTANT = ("id", "customer_id", "provider_id", "service_id", "service_name", "replaces_id", "created_at")
"""Never changed."""
NOT_KEPT = ("held_from", "notes")
"""What tells of people, and has to be gone when it is gone from the booking: a history is only added to."""

_LEFT_OUT = ", ".join(f"'{name}'" for name in (*CONSTANT, *NOT_KEPT))


def facts(booking: str, further_ids: str) -> str:
    """All else that `booking`, a row of the table as it is after the change, says; with what it takes besides
    its `staff_id`, an SQL array. A column that is added to the table is kept from then on."""
    return (
        f"to_jsonb({booking}) - ARRAY[{_LEFT_OUT}]"
        f" || jsonb_build_object('further_ids', to_jsonb({further_ids}))"
    )


def known_members() -> frozenset[str]:
    """What facts of this release have."""
    return frozenset(column.name for column in table.c) - {*CONSTANT, *NOT_KEPT} | {"further_ids"}
