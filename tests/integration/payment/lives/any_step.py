"""Every step that a random life may make, with what it may be made with."""

from hypothesis import strategies as st

from services.payment.domain.disputes import DisputeStatus, HoldKind
from services.payment.domain.payouts import PayoutState
from services.payment.domain.refunds import RefundStatus
from tests.integration.payment.lives import administrators, banks, customers, providers
from tests.integration.payment.lives.life import Step

CARDS = st.sampled_from(["paid", "declined", "action"])
PAYOUT_WORDS = st.sampled_from([PayoutState.SENT, PayoutState.PAID, PayoutState.FAILED])
PAYOUT_REFUSALS = st.sampled_from([None, None, "balance_insufficient"])
PERCENT = st.integers(0, 100)
MORE_THAN_ALL = st.integers(0, 110)
NOTHING = st.none()

OF_CUSTOMERS = (
    st.tuples(st.just(customers.pay), CARDS, st.sampled_from([None, "5"])),
    st.tuples(st.just(customers.tip), CARDS, st.integers(0, 101)),
    st.tuples(st.just(customers.authenticate), NOTHING, NOTHING),
    st.tuples(st.just(customers.look), NOTHING, NOTHING),
    st.tuples(st.just(customers.late), NOTHING, NOTHING),
    st.tuples(st.just(customers.expire), NOTHING, NOTHING),
    st.tuples(st.just(customers.cancel), PERCENT, NOTHING),
    st.tuples(st.just(customers.run_out_of_time), NOTHING, NOTHING),
    st.tuples(st.just(customers.complete), NOTHING, NOTHING),
    st.tuples(st.just(customers.another), st.sampled_from(["paid", "declined"]), NOTHING),
)
OF_ADMINISTRATORS = (
    st.tuples(st.just(administrators.refund), MORE_THAN_ALL, MORE_THAN_ALL),
    st.tuples(st.just(administrators.refund_tip), MORE_THAN_ALL, NOTHING),
    st.tuples(st.just(administrators.refund_word), st.sampled_from(RefundStatus), NOTHING),
    st.tuples(st.just(administrators.answers), st.booleans(), NOTHING),
    st.tuples(st.just(administrators.settle), st.sampled_from(RefundStatus), NOTHING),
    st.tuples(st.just(administrators.retry), NOTHING, NOTHING),
    st.tuples(st.just(administrators.gives), st.booleans(), NOTHING),
    st.tuples(st.just(administrators.decide), st.booleans(), NOTHING),
    st.tuples(st.just(administrators.jobs), NOTHING, NOTHING),
)
OF_PROVIDERS = (
    st.tuples(st.just(providers.release), NOTHING, NOTHING),
    st.tuples(st.just(providers.payout), NOTHING, NOTHING),
    st.tuples(st.just(providers.payout_word), PAYOUT_WORDS, PAYOUT_REFUSALS),
    st.tuples(st.just(providers.payout_says), PAYOUT_WORDS, st.booleans()),
    st.tuples(st.just(providers.account), st.sampled_from([*providers.RIGHTS, "removed"]), NOTHING),
)
OF_BANKS = (
    st.tuples(st.just(banks.dispute), st.integers(1, 120), st.sampled_from(DisputeStatus)),
    st.tuples(st.just(banks.dispute_says), st.sampled_from(DisputeStatus), st.booleans()),
    st.tuples(st.just(banks.warn), st.sampled_from(HoldKind), NOTHING),
    st.tuples(st.just(banks.lift), NOTHING, NOTHING),
)
ANY_STEP: st.SearchStrategy[Step] = st.one_of(*OF_CUSTOMERS, *OF_ADMINISTRATORS, *OF_PROVIDERS, *OF_BANKS)
