"""Who receives the care and where a home visit is: each sees what they need, when they need it."""

from typing import Any

import pytest

from shared.contracts.declaration import Caller
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.desk import (
    ADDRESS,
    Desk,
    Provider,
    customer_of,
    member_of,
    one_of_staff,
    somebody,
)
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk

RECIPIENT: dict[str, Any] = {
    "name": "Rose Lee",
    "relation": "mother",
    "birth_year": 1941,
    "phone": "+1 555 0100",
    "notes": "Hears badly, please speak up.",
}
CITY = {"lines": None, "city": "New York", "latitude": None, "longitude": None}
KEY = "The key is under the mat at 350 5th Avenue"
ADMIN = Caller(user_id=new_id(), roles=("admin",))


@pytest.fixture
def provider(desk: Desk, transaction: Transaction) -> Provider:
    """Two people; service 0 is given at the customer's place, or online."""
    made = desk.open_provider(staff=2)
    ProviderDesk(transaction, made).service_rules(places=["customer", "online"])
    return made


@pytest.fixture
def visit(desk: Desk, provider: Provider) -> dict[str, Any]:
    """A home visit that the first of the staff does."""
    return desk.hold(provider, staff_id=provider.staff[0], address=ADDRESS, recipient=RECIPIENT)


def _seen(desk: Desk, visit: dict[str, Any], caller: Caller | None = None) -> tuple[Any, Any]:
    found = desk.look(visit, caller)
    return found["recipient"], found["address"]


def test_who_may_see_whom_care_is_for_and_where(
    desk: Desk, provider: Provider, visit: dict[str, Any]
) -> None:
    """promise C10: the owner and who does it learn where to go when it is agreed; colleagues and
    administrators never do; for strangers there is no such booking."""
    without_phone = RECIPIENT | {"phone": None}
    owner, doer, colleague = member_of(provider), one_of_staff(provider), one_of_staff(provider, 1)
    assert _seen(desk, visit) == (RECIPIENT, ADDRESS)
    for caller in (owner, doer):
        assert _seen(desk, visit, caller) == (without_phone, CITY)
    desk.payment_succeeds(visit)
    for who in (None, owner, doer):
        assert _seen(desk, visit, who) == (RECIPIENT, ADDRESS)
    for caller in (colleague, ADMIN):
        assert _seen(desk, visit, caller) == (None, None)
    with pytest.raises(ServiceError) as refused:
        desk.look(visit, somebody())
    assert refused.value.code == "not_found"
    desk.cancel(visit)
    assert _seen(desk, visit, owner) == (without_phone, CITY)


def test_a_home_visit_has_an_address_and_no_other_has(desk: Desk, provider: Provider, ledger: Ledger) -> None:
    """promise C10."""
    for members, code, member in (
        ({}, "address_needed", "address"),
        ({"place": "customer"}, "address_needed", "address"),
        ({"place": "online", "address": ADDRESS}, "validation_failed", "address"),
        ({"address": ADDRESS | {"latitude": 91}}, "validation_failed", "address"),
        ({"address": ADDRESS | {"lines": []}}, "validation_failed", "address"),
    ):
        with pytest.raises(ServiceError) as refused:
            desk.hold(provider, **members)
        assert (refused.value.code, list(refused.value.details["errors"])) == (code, [member])
    online = desk.hold(provider, place="online")
    assert _seen(desk, online) == (None, None)
    assert ledger.rows("SELECT FROM care WHERE booking_id = :id", id=online["booking_id"]) == []


def test_events_and_kept_answers_carry_nothing_personal(
    desk: Desk, provider: Provider, visit: dict[str, Any], ledger: Ledger
) -> None:
    """promise C10: nor does the history: it says who changed a note, and when."""
    desk.payment_succeeds(visit)
    desk.note(visit, "customer", "Ring at Rose Lee's, 350 5th Avenue")
    desk.note(visit, "provider", "Rose Lee was well", member_of(provider))
    desk.cancel(visit)
    told = str(ledger.events(provider.provider_id))
    kept = str(ledger.rows("SELECT answer::text FROM idempotency"))
    history = str(ledger.rows("SELECT * FROM booking_history WHERE booking_id = :id", id=visit["booking_id"]))
    for text in (told, kept, history):
        assert visit["booking_id"] in text
    for secret in ("Rose", "5th Avenue", "555 0100", "speak up", "40.7484"):
        assert secret not in told
        assert secret not in history
    for secret in ("mother", "555 0100", "speak up", "40.7484"):
        assert secret not in kept


def test_both_sides_note_on_a_booking_and_read_each_other(
    desk: Desk, provider: Provider, visit: dict[str, Any], ledger: Ledger
) -> None:
    """promise C10, rule B5: with who changed it; each in its time, and once per key."""
    owner, doer = member_of(provider), one_of_staff(provider)
    with pytest.raises(ServiceError) as refused:
        desk.note(visit, "provider", "Is there a lift?", owner)
    assert refused.value.code == "notes_closed"
    desk.payment_succeeds(visit)
    assert desk.note(visit, "customer", "Back door") == {
        "booking_id": visit["booking_id"],
        "version": 3,
        "notes": "Back door",
        "provider_notes": None,
    }
    assert desk.note(visit, "provider", "Bring slippers", doer)["provider_notes"] == "Bring slippers"
    for caller in (None, owner, doer):
        seen = desk.look(visit, caller)
        assert (seen["version"], seen["notes"], seen["provider_notes"]) == (4, "Back door", "Bring slippers")
    assert desk.note(visit, "provider", None, owner)["provider_notes"] is None
    assert [entry[3:] for entry in ledger.history(visit["booking_id"])[2:]] == [
        ("customer", "notes_changed"),
        ("provider", "notes_changed"),
        ("provider", "notes_changed"),
    ]


def test_nobody_notes_on_another_s_booking(desk: Desk, provider: Provider, visit: dict[str, Any]) -> None:
    """rule B11: for strangers there is none; a colleague may not; a customer not when it is over."""
    desk.payment_succeeds(visit)
    for side, caller, code in (
        ("customer", somebody(), "not_found"),
        ("customer", member_of(provider), "not_found"),
        ("provider", customer_of(visit), "not_found"),
        ("provider", ADMIN, "not_found"),
        ("provider", one_of_staff(provider, 1), "forbidden"),
    ):
        with pytest.raises(ServiceError) as refused:
            desk.note(visit, side, "x", caller)
        assert refused.value.code == code
    desk.cancel(visit)
    with pytest.raises(ServiceError) as refused:
        desk.note(visit, "customer", "x")
    assert refused.value.code == "notes_closed"


def _notes(desk: Desk, visit: dict[str, Any], provider: Provider, caller: Caller) -> tuple[Any, Any]:
    """What of the customer's note this caller reads with the visit, and in the provider's list."""
    listed = desk.provider_bookings(provider, caller)["bookings"]
    [found] = [one for one in listed if one["booking_id"] == visit["booking_id"]]
    return desk.look(visit, caller)["notes"], found["notes"]


def test_what_a_customer_notes_is_told_with_the_address(desk: Desk, provider: Provider) -> None:
    """promise C10: it may say where to go, so colleagues and administrators never read it, and the owner and
    who does the visit do while it is agreed; whoever wrote it always does."""
    visit = desk.hold(provider, staff_id=provider.staff[0], address=ADDRESS, notes=KEY)
    owner, doer, colleague = member_of(provider), one_of_staff(provider), one_of_staff(provider, 1)
    everybody = (owner, doer, colleague, ADMIN)

    def read_by() -> list[tuple[Any, Any]]:
        assert desk.look(visit)["notes"] == KEY
        return [_notes(desk, visit, provider, caller) for caller in everybody]

    nothing, told = (None, None), (KEY, KEY)
    assert read_by() == [nothing] * 4
    desk.payment_succeeds(visit)
    assert read_by() == [told, told, nothing, nothing]
    desk.reschedule(visit, "14:00", staff_id=provider.staff[1])
    assert read_by() == [told, nothing, told, nothing]
    assert desk.cancel_for_provider(visit, owner)["notes"] is None
    assert read_by() == [nothing] * 4


def test_who_is_asked_first_is_told_the_note_when_they_accept(
    desk: Desk, transaction: Transaction, provider: Provider
) -> None:
    """promise C10, promise C9: with the address, and not while the answer is due."""
    rules = ProviderDesk(transaction, provider)
    rules.service_rules(places=["customer"], acceptance="provider")
    visit = desk.hold(provider, staff_id=provider.staff[0], address=ADDRESS, notes=KEY)
    desk.payment_succeeds(visit)
    owner = member_of(provider)
    assert desk.look(visit, owner)["pending_for"] == "provider"
    assert _notes(desk, visit, provider, owner) == (None, None)
    assert desk.accept(visit, owner)["notes"] == KEY


def test_a_repeat_tells_no_note_to_who_does_the_visit_no_more(desk: Desk, provider: Provider) -> None:
    """promise C10, rule C13: a repeated command is answered with the notes that its caller reads now."""
    visit = desk.hold(provider, staff_id=provider.staff[0], address=ADDRESS, notes=KEY)
    desk.payment_succeeds(visit)
    doer, next_doer, key = one_of_staff(provider), one_of_staff(provider, 1), new_id()
    first = desk.note(visit, "provider", "Was well", doer, idempotency_key=key)
    assert (first["notes"], first["provider_notes"]) == (KEY, "Was well")
    assert desk.note(visit, "provider", "Was well", doer, idempotency_key=key) == first
    desk.reschedule(visit, "14:00", staff_id=provider.staff[1])
    desk.note(visit, "provider", "For who comes now", next_doer)
    again = desk.note(visit, "provider", "Was well", doer, idempotency_key=key)
    assert again == first | {"notes": None, "provider_notes": None}
