"""The page's words: the same in both languages, and none that is missing where it is used."""

import re
from pathlib import Path

from services.gateway.web import files
from shared.contracts.booking import CREATE_ERRORS, hold_expired, too_early
from shared.contracts.booking_answers import ANSWER_ERRORS
from shared.contracts.booking_care import CARE_ERRORS
from shared.contracts.booking_forms import BookingState, CancelCause
from shared.contracts.booking_moves import MOVE_ERRORS
from shared.contracts.booking_no_show import not_contestable
from shared.contracts.booking_series import SERIES_ERRORS
from shared.contracts.booking_series_forms import Outcome, Prospect
from shared.contracts.booking_waitlist import WAITLIST_ERRORS
from shared.contracts.payment import PROCESS_ERRORS

SCRIPTS = Path(files.__file__).parent / "page" / "scripts"
KEY = re.compile(r'^  "([^"]+)":', re.MULTILINE)
USED = re.compile(r'\bt\(\s*"([^"]+)"')
CHOSEN = re.compile(r'\bt\([^()"]+\? "([^"]+)" : "([^"]+)"')
ELSEWHERE = {"card_declined", "currency_mismatch"}
"""Payment finds words for the one itself; the other would be a fault of the platform."""
PLACEHOLDER = re.compile(r"\{(\w+)\}")
ENTRY = re.compile(r'^  "([^"]+)": (.+?),?$(?=\n(?:  "|\};|\n))', re.MULTILINE | re.DOTALL)


def _text(language: str) -> str:
    return (SCRIPTS / "texts" / f"{language}.js").read_text(encoding="utf-8")


def _keys(language: str) -> list[str]:
    return KEY.findall(_text(language))


def test_both_languages_say_the_same_things() -> None:
    """promise I9: whoever adds a text in one language is told of the other."""
    english, arabic = _keys("en"), _keys("ar")
    assert len(english) == len(set(english))
    assert len(arabic) == len(set(arabic))
    assert set(english) == set(arabic)


def test_both_languages_fill_in_the_same_values() -> None:
    english, arabic = (dict(ENTRY.findall(_text(language))) for language in ("en", "ar"))
    assert set(english) == set(_keys("en"))
    differing = [
        key
        for key, text in english.items()
        if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(arabic[key]))
    ]
    assert differing == []


def test_every_text_that_is_used_is_there() -> None:
    known = set(_keys("en"))
    used = {
        key
        for path in SCRIPTS.rglob("*.js")
        for text in [path.read_text(encoding="utf-8")]
        for key in [*USED.findall(text), *(key for pair in CHOSEN.findall(text) for key in pair)]
    }
    assert len(used) > 100
    assert sorted(used - known) == []


def test_every_refusal_that_a_reader_can_meet_has_words() -> None:
    known = set(_keys("en"))
    life = (*MOVE_ERRORS, *ANSWER_ERRORS, *CARE_ERRORS, *SERIES_ERRORS, *WAITLIST_ERRORS)
    met = (*CREATE_ERRORS, *PROCESS_ERRORS, *life, hold_expired, too_early, not_contestable)
    codes = {error.code for error in met} - ELSEWHERE
    assert sorted(code for code in codes if f"problem.{code}" not in known) == []


def test_every_state_of_a_booking_has_words() -> None:
    known = set(_keys("en"))
    for state in BookingState:
        assert f"booking_state.{state.value}" in known
        assert f"booking.title.{state.value}" in known


def test_whatever_becomes_of_a_visit_of_a_series_has_words() -> None:
    """rule T17: what would become of each instance, and what became of it."""
    known = set(_keys("en"))
    wanted = [f"prospect.{one.value}" for one in Prospect] + [f"outcome.{one.value}" for one in Outcome]
    assert sorted(key for key in wanted if key not in known) == []


def test_who_did_not_cancel_is_told_who_did() -> None:
    known = set(_keys("en"))
    others = set(CancelCause) - {CancelCause.CUSTOMER}
    assert sorted(cause.value for cause in others if f"cancel_cause.{cause.value}" not in known) == []
