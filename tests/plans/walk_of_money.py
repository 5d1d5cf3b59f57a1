"""Providers' money, the books and what is done by the clock, for `walk_of_payment`: once each, by name."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from services.payment.domain.payouts import PayoutState
from services.payment.store.books import page_of_ids
from services.payment.usecases import commission_rules, what_if
from services.payment.usecases.close_days import CLOSE_JOB
from services.payment.usecases.compare_daily import COMPARE_JOB, OPENED_WITHIN, PART
from services.payment.usecases.forget import forget_old
from services.payment.usecases.hear_events import on_booking_completed
from services.payment.usecases.measure import measure_open_work
from services.payment.usecases.money_figures import get_money_figures
from services.payment.usecases.payout_accounts import get_payout_account, open_payout_account
from services.payment.usecases.prove_days import PROVE_JOB
from services.payment.usecases.provider_money import release_shares
from services.payment.usecases.read_statements import get_earnings, get_statement, get_statement_csv
from services.payment.usecases.render_documents import get_credit_note, get_invoice, get_statement_pdf
from services.payment.usecases.work_jobs import job_handlers
from shared import clock
from shared.contracts import payment as contract
from shared.contracts.payment_books_forms import GroupBy
from shared.database.transaction import read_app_now
from shared.ids import new_id
from tests.integration.payment.bookings import ended
from tests.integration.payment.documenting import about
from tests.integration.payment.records import rows
from tests.integration.payment.refunding import cancel
from tests.integration.payment.ruling import ADMIN, line, proposal
from tests.integration.payment.visits import WAITED, owner_caller
from tests.plans.listening import Asking
from tests.plans.till import DAYS_BACK, DAYS_CLOSED, Till, asked


def providers_money(till: Till) -> Iterator[Asking]:
    """Two visits are over for long enough and are paid out; then a refund of one is owed by the provider."""
    desk, me = till.desk, owner_caller(till.provider_id)
    account = {"provider_id": till.provider_id}
    paid = [till.hold() for _ in range(2)]
    made = [till.pay(one) for one in paid]
    over = clock.now() - WAITED
    yield "booking_completed", lambda: on_booking_completed(desk, ended(paid[0], "completed", over))
    on_booking_completed(desk, ended(paid[1], "completed", over))
    yield "release_shares", lambda: release_shares(desk)
    yield "work_payout_round", lambda: till.do("payout_round", {})
    yield "work_make_payout", lambda: till.do("make_payout", account | {"currency": "USD"})
    till.provider.connect.say(PayoutState.PAID)
    yield "work_look_at_payout", lambda: till.do("look_at_payout", {"payout_id": _payout_of(till)})
    yield "refund_after_the_payout", lambda: cancel(desk, paid[1], 100, 10000)
    till.work("send_refund")
    refund_id = str(rows(till.owner, _REFUND, payment_id=made[1]["payment_id"])[0]["id"])
    yield "get_payout_account", lambda: get_payout_account(desk, till.provider_id, me)
    yield "open_payout_account", lambda: _open_account(till)
    yield "get_earnings", lambda: get_earnings(desk, till.provider_id, me)
    for name, currency, limit in (("get_statement", None, 1), ("get_statement_in_a_currency", "USD", 100)):
        request = asked(contract.GET_STATEMENT, **account, **till.days(6), currency=currency, limit=limit)
        yield name, partial(get_statement, desk, request, me)
    request = asked(contract.GET_STATEMENT, **account, **till.days(6), currency="USD", limit=1)
    following = request | {"cursor": get_statement(desk, request, me)["next"]}
    yield "get_statement_page_2", lambda: get_statement(desk, following, me)
    csv = asked(contract.GET_STATEMENT_CSV, **account, **till.days(0), currency="USD")
    yield "get_statement_csv", lambda: get_statement_csv(desk, csv, me)
    pdf = csv | {"provider_name": "Calm", "currency": "EUR"}
    yield "get_statement_pdf", lambda: get_statement_pdf(desk, pdf, me)
    invoice = about(made[1]["payment_id"])
    yield "get_invoice", lambda: get_invoice(desk, invoice, ADMIN)
    yield "get_credit_note", lambda: get_credit_note(desk, invoice | {"refund_id": refund_id}, ADMIN)


def books(till: Till) -> Iterator[Asking]:
    """Figures, rules of the commission, and the closing of a day before yesterday."""
    desk = till.desk
    for group in GroupBy:
        request = asked(contract.GET_MONEY_FIGURES, **till.days(1), group_by=group.value)
        yield f"figures_by_{group.value}", partial(get_money_figures, desk, request, ADMIN)
    terms = line("0.08", category="massage", bookings=20)
    yield "propose_commission_rules", lambda: commission_rules.propose(desk, proposal(terms), ADMIN)
    yield "list_commission_rules", lambda: commission_rules.list_rules(desk, 1, None, ADMIN)
    tried = {"default_rate": "0.12", "lines": [terms], **till.days(0)}
    preview = asked(contract.PREVIEW_COMMISSION_RULES, **tried)
    yield "preview_commission_rules", lambda: what_if.preview(desk, preview, ADMIN)
    yield "process_payment_in_a_tier", lambda: till.pay(_ruled(till, terms))
    _move_back(till)
    yield "work_close_ledger", lambda: till.do(CLOSE_JOB, {})
    closed = (clock.now().date() - timedelta(days=DAYS_CLOSED)).isoformat()
    yield "work_prove_ledger", lambda: till.do(PROVE_JOB, {"after": closed})
    yield "work_compare_books", lambda: till.without_stripe().do(COMPARE_JOB, {"after": _before_lost(till)})
    yield "first_of_compare_books", lambda: _first_to_compare(till)


def rounds(till: Till) -> Iterator[Asking]:
    """What is done again and again."""
    desk = till.desk
    waiting = till.pay(till.hold())
    till.begin("reconcile", f"start:{new_id()}", {})
    yield "work_reconcile", partial(till.work, "reconcile")
    yield "work_look_again", lambda: till.do("look_again", {"payment_id": waiting["payment_id"]})
    yield "measure_open_work", lambda: measure_open_work(desk.transaction, frozenset(job_handlers(desk)))
    yield "forget_old", lambda: forget_old(desk)


_REFUND = "SELECT id FROM refund WHERE payment_id = :payment_id"


def _before_lost(till: Till) -> str:
    """The payment that is compared first has everything that a payment may have."""
    [found] = rows(till.owner, "SELECT payment_id FROM dispute WHERE status = 'lost'")
    return str(UUID(int=UUID(str(found["payment_id"])).int - 1))


def _first_to_compare(till: Till) -> None:
    with till.desk.transaction() as connection:
        page_of_ids(connection, read_app_now(connection) - OPENED_WITHIN, None, PART)


def _payout_of(till: Till) -> str:
    [found] = rows(
        till.owner,
        "SELECT id FROM payout WHERE provider_id = :id ORDER BY created_at DESC LIMIT 1",
        id=till.provider_id,
    )
    return str(found["id"])


def _open_account(till: Till) -> Any:
    """Of a provider that has none so far."""
    other = new_id()
    till.bookings.publish_provider(till.desk, other)
    return open_payout_account(till.desk, other, owner_caller(other))


def _ruled(till: Till, *terms: dict[str, Any]) -> Any:
    """A booking for which the provider's month is counted, by rules that are valid since yesterday."""
    with till.desk.transaction() as connection:
        yesterday = read_app_now(connection) - timedelta(days=1)
    statement = "UPDATE commission_rule SET valid_from = :at WHERE valid_from > app_now() RETURNING id"
    rows(till.owner, statement, at=yesterday)
    booked = till.hold()
    till.bookings.publish_service(till.desk, booked, "massage")
    return booked


def _move_back(till: Till) -> None:
    """One payment's facts, as if they had been posted some days ago."""
    payment_id = till.pay(till.hold())["payment_id"]
    for statement in (
        "UPDATE ledger_transaction SET posted_at = posted_at - :days * interval '1 day' "
        "WHERE payment_id = :id RETURNING id",
        "UPDATE ledger_entry SET posted_at = posted_at - :days * interval '1 day' WHERE transaction_id IN "
        "(SELECT id FROM ledger_transaction WHERE payment_id = :id) RETURNING id",
    ):
        rows(till.owner, statement, days=DAYS_BACK, id=payment_id)
