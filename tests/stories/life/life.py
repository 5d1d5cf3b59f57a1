"""The story of a booking, through HTTP: repeated, paid, waited for, asked for, moved, missed, rebuilt."""

from collections.abc import Callable

from tests.stories.life import agreeing, repeating
from tests.stories.life.scene import Life, ended, opened
from tests.stories.story import Story

STEPS: tuple[Callable[[Life], str], ...] = (
    repeating.twelve_mondays_over_a_clock_change,
    repeating.a_time_that_does_not_exist,
    repeating.part_of_a_series_is_cancelled,
    repeating.a_series_is_paid_together,
    repeating.an_offer_is_declined_expires_and_is_taken,
    agreeing.the_provider_is_asked_first,
    agreeing.a_move_dodges_no_fee,
    agreeing.a_dearer_time_is_paid_in_place_of_the_old_one,
    agreeing.a_no_show_is_contested,
    agreeing.a_booking_is_rebuilt_as_of_yesterday,
)
STORY = Story(opened, STEPS, ended)
