"""The story of money, through HTTP: cancelled late, held, refunded in parts, disputed, paid out, read."""

import sys
from collections.abc import Callable

from deploy.local.demo import import_documents
from deploy.local.demo_data.people import DEMO_PASSWORD
from deploy.local.stack import Stack
from tests.stories.money import disputes, refunds, statements, visits
from tests.stories.money.houses import PASSWORD, documents, farewell, kuwait, new_york, owner_account
from tests.stories.money.scene import Scene
from tests.stories.money.stand_in import StandIn
from tests.stories.story import Cast, Story

ADMIN = "admin@demo.test"
UNFIT = 2


def opened(stack: Stack) -> Scene:
    """Two houses are imported as the demo data are. Ends the program where no stand-in is: this story orders
    what cards' banks say."""
    if not stack.wiring.has_standin:
        sys.stderr.write("this story needs Stripe's stand-in: start the stack without STRIPE_SECRET_KEY\n")
        raise SystemExit(UNFIT)
    here, there, account = new_york(), kuwait(), owner_account()
    import_documents(stack, documents([here, there], account))
    cast = Cast(stack.url)
    admin = cast.signed_in(ADMIN, DEMO_PASSWORD)
    owner = cast.signed_in(account["email"], PASSWORD)
    return Scene(stack, cast, admin, owner, account, StandIn(stack), here, there)


def ended(scene: Scene) -> None:
    """What is still held is given back; the houses leave the catalogue. Their books stay."""
    scene.standin.order()
    for customer, booking_id in scene.bookings:
        customer.post(f"customer/bookings/{booking_id}/cancel")
    scene.cast.leave()
    import_documents(scene.stack, farewell([scene.new_york, scene.kuwait], scene.account))


STEPS: tuple[Callable[[Scene], str], ...] = (
    visits.two_visits_will_begin_within_two_minutes,
    visits.cancelled_late_after_the_card_was_charged,
    visits.cancelled_late_while_the_money_was_held,
    refunds.three_refunds_of_an_odd_amount,
    refunds.three_decimals,
    disputes.a_dispute_is_lost_and_nothing_refunded_too,
    visits.both_visits_take_place,
    disputes.another_dispute_is_opened,
    visits.a_tip_is_given_afterwards,
    disputes.it_freezes_the_payout,
    disputes.won_it_is_paid_out,
    statements.every_line_of_the_statement_follows_to_a_visit,
    statements.another_commission_would_have_kept,
    statements.the_books_agree,
)
STORY = Story(opened, STEPS, ended)
