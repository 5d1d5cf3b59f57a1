"""The ledger's days are closed, chained and proven; whatever is altered afterwards is named."""

import itertools
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from services.payment import closing as command
from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain import capture_postings
from services.payment.store import ledger, payments
from services.payment.usecases import close_days as closing
from services.payment.usecases.close_days import Closings, close_days, seal_days
from services.payment.usecases.desk import Desk
from services.payment.usecases.prove_days import prove_days
from services.payment.usecases.refunds_due import refund_part
from shared.database.transaction import Database, read_app_now
from shared.errors import ServiceError
from shared.money import Money
from tests.fixtures.waiting import wait_until
from tests.integration.payment.records import jobs, rows, run_jobs
from tests.integration.payment.ruling import Market

ZONE = ZoneInfo("America/New_York")
NOW = datetime.now(UTC)
MOST = 100


def _at(days_ago: int, hour: int) -> datetime:
    day = (NOW - timedelta(days=days_ago)).date()
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.fixture
def market(desk: Desk, owner: Engine, gateway: StripeGateway) -> Market:
    """Payments of five days ago, of three days ago on both sides of New York's midnight, and of now."""
    made = Market(replace(desk, operator_zone=ZONE), owner, gateway)
    for amount, currency, when in (
        (10001, "USD", _at(5, 12)),
        (12350, "KWD", _at(5, 13)),
        (4999, "USD", _at(3, 2)),
        (333, "JPY", _at(3, 20)),
        (5000, "USD", None),
    ):
        payment = made.paid("massage", amount, currency, tip="1")
        half = Money(amount // 20 * 10, currency)
        refund_part(made.desk, str(payment["id"]), half, Money(0, currency), "part")
        if when is not None:
            made.move(payment, when)
    return made


@pytest.fixture
def closed(market: Market) -> Market:
    close(market)
    return market


def close(market: Market, until: datetime = NOW) -> int:
    return close_days(market.desk.transaction, ZONE, until, MOST)


def differences(market: Market) -> list[tuple[date, str]]:
    return [
        (one.day, one.name) for proven in prove_days(market.desk.transaction) for one in proven.differences
    ]


def _by_hand(owner: Engine) -> dict[tuple[date, str, str], tuple[int, ...]]:
    """(day, account, currency) -> opening, debits, credits, closing, transactions, from the entries."""
    entries = rows(
        owner,
        "SELECT t.posted_at, e.account, e.currency, e.amount FROM ledger_entry e "
        "JOIN ledger_transaction t ON t.id = e.transaction_id ORDER BY t.posted_at",
    )
    standing: defaultdict[tuple[str, str], int] = defaultdict(int)
    found: dict[tuple[date, str, str], list[int]] = {}
    for one in entries:
        account = (one["account"], one["currency"])
        key = (one["posted_at"].astimezone(ZONE).date(), *account)
        sums = found.setdefault(key, [standing[account], 0, 0, 0, 0])
        standing[account] += one["amount"]
        sums[1 if one["amount"] > 0 else 2] += abs(one["amount"])
        sums[3] = standing[account]
        sums[4] += 1
    return {key: tuple(sums) for key, sums in found.items()}


def test_each_day_has_what_its_entries_add_up_to(closed: Market, owner: Engine) -> None:
    """promise D10, rule B18: by account, currency and day of the operator's zone, the open day left out."""
    today = NOW.astimezone(ZONE).date()
    expected = {key: sums for key, sums in _by_hand(owner).items() if key[0] < today}
    written = {
        (one["day"], one["account"], one["currency"]): (
            one["opening"],
            one["debits"],
            one["credits"],
            one["closing"],
            one["transactions"],
        )
        for one in rows(owner, "SELECT * FROM ledger_closing")
    }
    assert written == expected
    assert len({day for day, *_ in written}) == 3
    balanced = rows(
        owner, "SELECT day, currency FROM ledger_closing GROUP BY 1, 2 HAVING sum(debits) <> sum(credits)"
    )
    assert not balanced


def test_days_follow_each_other_and_are_closed_once(closed: Market, owner: Engine) -> None:
    """promise D10: from the first posting to yesterday, those without a posting too, each chained."""
    found = rows(owner, "SELECT * FROM ledger_day JOIN ledger_closing_day USING (day) ORDER BY day")
    first = _at(5, 12).astimezone(ZONE).date()
    assert [one["day"] for one in found] == [
        first + timedelta(days=number) for number in range((NOW.astimezone(ZONE).date() - first).days)
    ]
    for before, after in itertools.pairwise(found):
        assert before["ends_at"] == after["begins_at"]
        assert before["digest"] == after["previous_digest"] != after["digest"]
    assert close(closed) == 0
    assert differences(closed) == []


def test_an_operator_who_moves_leaves_no_gap(market: Market, owner: Engine) -> None:
    """rule B18: the day of the move is longer or shorter, and every posting is in one day."""
    close_days(market.desk.transaction, ZoneInfo("Asia/Tokyo"), NOW - timedelta(days=3), MOST)
    close(market)
    found = rows(owner, "SELECT day, begins_at, ends_at, zone FROM ledger_day ORDER BY day")
    assert {one["zone"] for one in found} == {"Asia/Tokyo", ZONE.key}
    assert all(one["ends_at"] == two["begins_at"] for one, two in itertools.pairwise(found))
    assert differences(market) == []


def _alter(owner: Engine, statement: str) -> None:
    """What only who owns the database can do."""
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        assert connection.execute(text(statement)).rowcount >= 1


OF_A_CLOSED_DAY = (
    "(SELECT t.id FROM ledger_transaction t JOIN ledger_day d ON t.posted_at >= d.begins_at "
    "AND t.posted_at < d.ends_at WHERE t.kind = 'captured' ORDER BY t.posted_at LIMIT 1)"
)

ONE_UNIT_MORE = (
    f"UPDATE ledger_entry SET amount = amount + sign(amount) WHERE transaction_id = {OF_A_CLOSED_DAY}"
)


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        (
            ONE_UNIT_MORE,
            {"closed_balance_differs", "closed_entries_differ"},
        ),
        (
            "UPDATE ledger_transaction SET reference = 'ch_another', booking_id = id "
            f"WHERE id = {OF_A_CLOSED_DAY}",
            {"closed_entries_differ"},
        ),
        (
            f"DELETE FROM ledger_entry WHERE transaction_id = {OF_A_CLOSED_DAY}",
            {"closed_balance_differs", "closed_entries_differ"},
        ),
        (
            f"UPDATE ledger_transaction SET posted_at = '2001-01-01' WHERE id = {OF_A_CLOSED_DAY}",
            {"closed_balance_differs", "closed_entries_differ", "closed_days_have_a_gap"},
        ),
        (
            "UPDATE ledger_closing SET debits = debits + 1, closing = closing + 1 "
            "WHERE day = (SELECT min(day) FROM ledger_closing) AND account = 'stripe_clearing'",
            {"closed_balance_differs", "closed_chain_broken"},
        ),
        (
            "UPDATE ledger_closing_day SET entries_digest = 'x' "
            "WHERE day = (SELECT min(day) FROM ledger_day)",
            {"closed_entries_differ", "closed_chain_broken"},
        ),
        (
            "UPDATE ledger_closing_day SET digest = 'x' WHERE day = (SELECT min(day) FROM ledger_day)",
            {"closed_chain_broken"},
        ),
        (
            "UPDATE ledger_day SET ends_at = ends_at - interval '1 second' "
            "WHERE day = (SELECT min(day) FROM ledger_day)",
            {"closed_days_have_a_gap", "closed_chain_broken"},
        ),
        (
            "DELETE FROM ledger_closing_day WHERE day = (SELECT min(day) + 1 FROM ledger_day)",
            {"closed_chain_broken"},
        ),
    ],
)
def test_what_is_altered_is_named(closed: Market, owner: Engine, statement: str, names: set[str]) -> None:
    """promise D10: an entry by one unit, balanced as it may be, its proof, a balance, a digest, a day."""
    _alter(owner, statement)
    assert {name for _, name in differences(closed)} == names


def _capture(connection: Any, payment: dict[str, Any], fact: str, now: datetime) -> None:
    stored = payments.by_id(connection, str(payment["id"]))
    posting = replace(capture_postings.captured(stored.split, fact), fact=fact)
    ledger.post(connection, stored, posting, now)


def test_nothing_is_posted_to_a_closed_day(closed: Market, owner: Engine) -> None:
    """promise D10: the database refuses it, and the caller may repeat; today's posting is taken."""
    [payment] = rows(owner, "SELECT id FROM payment ORDER BY id DESC LIMIT 1")
    [last] = rows(owner, "SELECT max(ends_at) AS ends FROM ledger_day")
    with pytest.raises(ServiceError, match="unavailable"), closed.desk.transaction() as connection:
        _capture(connection, payment, "late", last["ends"] - timedelta(microseconds=1))
    with closed.desk.transaction() as connection:
        _capture(connection, payment, "in time", last["ends"])
    assert differences(closed) == []


def test_who_is_in_the_middle_of_posting_is_waited_for(market: Market, owner: Engine) -> None:
    """promise D10: a posting that began before its day was sealed is in the closing, or refused."""
    [payment] = rows(owner, "SELECT id FROM payment ORDER BY id DESC LIMIT 1")
    with ThreadPoolExecutor(1) as pool:
        with market.desk.transaction() as connection:
            _capture(connection, payment, "in the middle", _at(2, 12))
            read_app_now(connection)  # what is posted goes to the server with the next statement
            sealing = pool.submit(seal_days, market.desk.transaction, ZONE, NOW)
            wait_until(lambda: _somebody_waits(owner), "the sealing to wait")
            assert not sealing.done()
        sealing.result()
    close(market)
    assert differences(market) == []
    counted = rows(owner, "SELECT sum(transactions) AS n FROM ledger_closing_day")
    [last] = rows(owner, "SELECT max(ends_at) AS ends FROM ledger_day")
    assert last["ends"] > _at(2, 12), "its day is over, whatever the hour of this test"
    before = "SELECT count(*) AS n FROM ledger_transaction WHERE posted_at < :ends"
    posted = rows(owner, before, ends=last["ends"])
    assert counted == posted


def _somebody_waits(owner: Engine) -> bool:
    return bool(rows(owner, "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))


def test_a_day_that_was_only_sealed_is_summed_up_later(market: Market, owner: Engine) -> None:
    """promise D10: a process that dies between the two loses nothing."""
    seal_days(market.desk.transaction, ZONE, NOW)
    sealed = rows(owner, "SELECT count(*) AS n FROM ledger_day")[0]["n"]
    assert rows(owner, "SELECT count(*) AS n FROM ledger_closing_day") == [{"n": 0}]
    assert close_days(market.desk.transaction, ZONE, NOW, 2) == 2
    assert close(market) == sealed - 2
    assert differences(market) == []


def test_the_job_closes_and_proves_once_a_day(
    market: Market, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """promise D10: begun once over all processes; more days than fit are for the next job."""
    monkeypatch.setattr(closing, "DAYS_OF_A_JOB", 2)
    instants = [NOW]
    closings = [Closings(market.desk, lambda: instants[0]) for _ in range(2)]
    for one in closings * 2:
        one.begin_when_due()
    assert rows(owner, "SELECT count(*) AS n FROM job WHERE kind = 'close_ledger'") == [{"n": 1}]
    for _ in range(6):
        run_jobs(market.desk, owner)
    assert jobs(owner)["prove_ledger"] == "done"
    days = rows(owner, "SELECT count(*) AS n FROM ledger_closing_day")[0]["n"]
    assert days == (NOW.astimezone(ZONE).date() - _at(5, 12).astimezone(ZONE).date()).days
    instants[0] = NOW + timedelta(days=1)
    closings[0].begin_when_due()
    assert rows(owner, "SELECT count(*) AS n FROM job WHERE kind = 'close_ledger' AND state = 'waiting'") == [
        {"n": 1}
    ]


def test_a_database_whose_clock_is_fast_seals_nothing(
    market: Market, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """promise D10: sealing is for ever, so both clocks have to say that the day is over."""
    monkeypatch.setattr(closing, "read_app_now", lambda connection: NOW + timedelta(days=400))
    Closings(market.desk, lambda: NOW).begin_when_due()
    run_jobs(market.desk, owner)
    [last] = rows(owner, "SELECT max(ends_at) AS ends FROM ledger_day")
    assert last["ends"] <= datetime.now(UTC)


def test_a_ledger_without_postings_has_no_days(desk: Desk, owner: Engine) -> None:
    assert close_days(desk.transaction, ZONE, NOW, MOST) == 0
    assert rows(owner, "SELECT count(*) AS n FROM ledger_day") == [{"n": 0}]


@pytest.mark.parametrize("table", ["ledger_day", "ledger_closing", "ledger_closing_day"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET day = day"])
def test_closings_can_not_be_rewritten(
    closed: Market, database: Database, table: str, statement: str
) -> None:
    """promise D10: append-only for the service's role."""
    with pytest.raises(DBAPIError, match="permission denied"), database.transaction() as connection:
        connection.execute(text(statement.format(table)))


@pytest.fixture
def run(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    environment = {
        "DATABASE_URL": database_url,
        "AMQP_URI": "amqp://",
        "PROFILE": "test",
        "OPERATOR_TIME_ZONE": ZONE.key,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str) -> tuple[int, str]:
        return command.main(list(arguments)), capsys.readouterr().out

    return call


def test_the_command_closes_shows_and_proves(
    market: Market, owner: Engine, run: Callable[..., tuple[int, str]]
) -> None:
    """promise D10: what an accountant types; 1 when something differs."""
    assert run("close") == (command.EXIT_OK, "")
    day = _at(5, 12).astimezone(ZONE).date()
    code, shown = run("show", "--day", day.isoformat())
    assert code == command.EXIT_OK
    [clearing] = [one.split() for one in shown.splitlines() if one.startswith("stripe_clearing ")][1:]
    assert clearing[2:] == ["0.00", "101.01", "3.03", "97.98", "2"]
    code, proven = run("prove")
    assert (code, proven.split(", ")[1]) == (command.EXIT_OK, "0 differences\n")
    _alter(owner, ONE_UNIT_MORE)
    code, proven = run("prove")
    assert code == command.EXIT_DIFFERENT
    assert f"day {day}: closed_balance_differs: stripe_clearing USD" in proven
    assert run("show", "--day", "2001-01-01")[0] == command.EXIT_DIFFERENT
