"""What inboxes say, in both languages, with the visit's own clock."""

import dataclasses
import re
from datetime import UTC, date, datetime

import pytest

from services.notify.domain.phrases import CAUSES, ENGLISH, PHRASES, Language, Reader
from services.notify.domain.readers import readers_of
from services.notify.domain.texts import entry_texts
from services.notify.domain.visit import Kind, Visit
from shared.contracts import notify as contract
from shared.contracts.booking_forms import CancelCause
from tests.contract import values

VISIT = Visit(
    booking_id=values.BOOKING,
    customer_id=values.USER,
    provider_id=values.PROVIDER,
    service_names={"en": "Swedish massage", "ar": "تدليك سويدي"},
    starts_at=datetime(2027, 1, 15, 15, 0, tzinfo=UTC),
    day=date(2027, 1, 15),
    time="10:00",
    utc_offset="-05:00",
    time_zone="America/New_York",
    hold_expires_at=datetime(2027, 1, 11, 14, 45, tzinfo=UTC),
    cancel_cause=None,
)


def test_a_time_is_local_to_the_visit_and_names_its_zone() -> None:
    """The reader may live elsewhere: the sentence says whose clock it means."""
    texts = entry_texts(Kind.CONFIRMED, Reader.CUSTOMER, VISIT)
    assert texts["en"] == (
        "Confirmed: Swedish massage, Friday 15 January 2027 at 10:00 (America/New_York, UTC-05:00)."
    )
    assert "الجمعة 15 يناير 2027 الساعة 10:00" in texts["ar"]
    assert "America/New_York" in texts["ar"]


def test_the_end_of_a_hold_is_on_the_visit_s_clock() -> None:
    assert "Pay by 09:45 to confirm" in entry_texts(Kind.HELD, Reader.CUSTOMER, VISIT)["en"]


def test_foreign_names_don_t_turn_the_arabic_around_them() -> None:
    text = entry_texts(Kind.CONFIRMED, Reader.CUSTOMER, VISIT)["ar"]
    assert text.count("\u2068") == text.count("\u2069") == 2


def test_a_service_without_an_arabic_name_keeps_its_own() -> None:
    visit = dataclasses.replace(VISIT, service_names={"en": "Swedish massage"})
    assert "Swedish massage" in entry_texts(Kind.EXPIRED, Reader.PROVIDER, visit)["ar"]


@pytest.mark.parametrize("cause", [*CancelCause])
@pytest.mark.parametrize("reader", [*Reader])
def test_a_cancellation_says_who_cancelled(cause: CancelCause, reader: Reader) -> None:
    visit = dataclasses.replace(VISIT, cancel_cause=cause.value)
    for language, text in entry_texts(Kind.CANCELLED, reader, visit).items():
        assert text.endswith(CAUSES[Language(language)][cause.value, reader])


TO_CUSTOMERS_ALONE = {(Kind.PAYMENT_DUE, Reader.PROVIDER)}


def test_every_kind_is_said_to_every_reader_in_every_language() -> None:
    for phrases in PHRASES.values():
        assert set(phrases) | TO_CUSTOMERS_ALONE == {(kind, reader) for kind in Kind for reader in Reader}
        assert not set(phrases) & TO_CUSTOMERS_ALONE
    for kind, reader in ENGLISH:
        texts = entry_texts(kind, reader, VISIT)
        assert set(texts) == {"en", "ar"}
        assert not re.search(r"[{}]|\s$|  ", "".join(texts.values()))


def test_kinds_are_those_of_the_contract() -> None:
    assert tuple(Kind) == contract.KINDS


def test_a_member_who_books_reads_as_customer_and_once() -> None:
    readers = readers_of(VISIT, [values.OTHER_USER, values.USER])
    assert readers == {values.USER: Reader.CUSTOMER, values.OTHER_USER: Reader.PROVIDER}
