"""The journey's steps in order."""

from tests.journey import booking, finding, paying, refunding
from tests.journey.walk import Step

STEPS: tuple[Step, ...] = (
    finding.register,
    finding.sign_in,
    finding.search_for_a_massage,
    finding.search_again_from_the_cache,
    finding.look_at_the_profile,
    finding.see_free_times,
    booking.twenty_others_arrive,
    booking.all_want_the_same_time,
    booking.everyone_who_watches_is_told,
    booking.the_same_key_again,
    paying.pay_with_a_card_that_asks_for_its_owner_and_a_tip,
    paying.authenticate_with_the_bank,
    paying.confirm_the_payment,
    paying.the_signed_webhook_arrives,
    paying.the_booking_is_confirmed_and_both_sides_are_told,
    paying.the_receipt_is_there,
    refunding.the_ledger_shows_the_payment,
    booking.another_hold_is_cancelled,
    booking.the_inboxes_show_what_happened,
    refunding.look_at_what_comes_back,
    refunding.cancel_as_quoted,
    refunding.both_sides_hear_of_the_cancellation,
    refunding.the_money_is_given_back,
    refunding.another_refund_is_refused,
    refunding.every_account_of_the_booking_is_even,
    refunding.a_second_booking_meets_a_card_that_declines,
    refunding.another_card_pays_it,
    refunding.a_visit_soon_is_only_held_and_released,
)
