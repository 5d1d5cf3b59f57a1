"""The journey's steps in order."""

from tests.journey import booking, finding, paying
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
    paying.pay_with_a_card_and_a_tip,
    paying.the_signed_webhook_arrives,
    paying.the_booking_is_confirmed_and_both_sides_are_told,
    booking.another_hold_is_cancelled,
    booking.the_inboxes_show_what_happened,
)
