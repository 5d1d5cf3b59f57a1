"""Each reason of a refused card has a sentence in each language that says what to do."""

import pytest

from services.payment.domain.decline_messages import MESSAGES, decline_message
from services.payment.domain.declines import DeclineReason


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_every_reason_has_its_own_words(locale: str) -> None:
    """promise D6: a customer reads what happened and what can be done."""
    words = MESSAGES[locale]
    assert set(words) == set(DeclineReason)
    assert len(set(words.values())) == len(words)


def test_a_language_that_we_do_not_speak_is_answered_in_english() -> None:
    """promise D6: nobody is left without a sentence."""
    assert decline_message(DeclineReason.EXPIRED_CARD, "fr") == MESSAGES["en"][DeclineReason.EXPIRED_CARD]
