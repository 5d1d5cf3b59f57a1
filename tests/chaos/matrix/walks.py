"""The walks of the crash matrix by their names."""

from tests.chaos.customers import BAD_CARD, CARD, SECURE_CARD
from tests.chaos.matrix.life_walks import LIFE_WALKS
from tests.chaos.matrix.line_walks import LINE_WALKS
from tests.chaos.matrix.series_walks import SERIES_WALKS
from tests.chaos.matrix.visit import PUBLISHED, REGISTERED, Visit
from tests.chaos.matrix.walk import CONFIRMED, PAID_BACK, Walk

ASKED = "pending, requires_action"

HELD = [{"do": "hold", "times": 100}]
UNANSWERED = {
    "requests": [{"do": "error", "status": 500, "match": "POST /v1/payment_intents/{id}/confirm"}],
    "webhooks": HELD,
}
"""The card is charged and nobody says so."""


def _hold_and_pay(visit: Visit) -> None:
    visit.hold()
    visit.pay(CARD)
    visit.wait_to_stand(CONFIRMED)


def _pay(visit: Visit) -> None:
    visit.pay(CARD)


def _hold_and_be_asked(visit: Visit) -> None:
    """The bank asks for the card's owner."""
    visit.hold()
    visit.pay(SECURE_CARD)


def _say_yes_and_confirm(visit: Visit) -> None:
    visit.authenticate()
    visit.confirm()


_ONLY_IN_TIME = ("pending", "expired")
"""On a slow machine a hold of 5 s may end before anybody looks."""

WALKS: dict[str, Walk] = {
    **LIFE_WALKS,
    **SERIES_WALKS,
    **LINE_WALKS,
    "register": Walk(Visit.register, (REGISTERED,)),
    "publish": Walk(Visit.publish, (PUBLISHED,)),
    "hold": Walk(Visit.hold, _ONLY_IN_TIME, after=Visit.cancel),
    "hold, told late": Walk(Visit.hold, ("expired",), locks="notification"),
    "pay": Walk(_pay, (CONFIRMED,), before=Visit.hold),
    "be declined": Walk(
        lambda visit: visit.pay(BAD_CARD), _ONLY_IN_TIME, before=Visit.hold, after=Visit.cancel
    ),
    "pay unanswered": Walk(_pay, (CONFIRMED,), before=Visit.hold, orders=UNANSWERED),
    "be looked after": Walk(_pay, (CONFIRMED,), before=Visit.hold, orders=UNANSWERED, is_patient=True),
    "be asked": Walk(lambda visit: visit.pay(SECURE_CARD), (ASKED,), before=Visit.hold, after=Visit.cancel),
    "confirm": Walk(_say_yes_and_confirm, (CONFIRMED,), before=_hold_and_be_asked, orders={"webhooks": HELD}),
    "cancel": Walk(Visit.cancel, (PAID_BACK,), before=_hold_and_pay),
    "cancel unpaid": Walk(Visit.cancel, ("cancelled, taken back",), before=_hold_and_be_asked),
    "ask money back": Walk(Visit.ask_money_back, (PAID_BACK,), before=_hold_and_pay),
    "let expire": Walk(Walk.nothing, ("expired",), before=Visit.hold),
}
