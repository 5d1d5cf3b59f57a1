"""Closed days of the ledger: `python -m services.payment.closing close | prove | show --day DAY`."""

import argparse
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from os import environ

from services.payment.domain.closing import Balance
from services.payment.settings import PaymentSettings, operator_zone
from services.payment.store import closings
from services.payment.store.closings import ClosedDay
from services.payment.usecases.close_days import GRACE, close_days
from services.payment.usecases.prove_days import prove_days
from shared import clock
from shared.database.transaction import Database, Transaction, read_app_now
from shared.errors import ServiceError
from shared.money import Money
from shared.settings import SettingsError, load

EXIT_OK = 0
EXIT_DIFFERENT = 1
EXIT_USAGE = 2
DAYS_AT_ONCE = 100


def main(arguments: list[str] | None = None) -> int:
    """`close` what is over now instead of with the next job; `prove` all that is closed, 1 when anything
    differs; `show` one day's balances. Only `close` writes."""
    parser = argparse.ArgumentParser(prog="python -m services.payment.closing", description=__doc__)
    ways = parser.add_subparsers(dest="way", required=True)
    ways.add_parser("close")
    ways.add_parser("prove")
    showing = ways.add_parser("show")
    showing.add_argument("--day", type=date.fromisoformat, required=True)
    chosen = parser.parse_args(arguments)
    try:
        settings = load(PaymentSettings, environ)
        zone = operator_zone(settings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    database = Database(settings.database_url, pool_size=1, application_name="payment closing")
    try:
        if chosen.way == "show":
            return _show(database.transaction, chosen.day)
        if chosen.way == "prove":
            return prove(database.transaction)
        with database.transaction() as connection:
            until = min(read_app_now(connection), clock.now()) - GRACE
        while close_days(database.transaction, zone, until, DAYS_AT_ONCE) == DAYS_AT_ONCE:
            sys.stdout.write(f"{DAYS_AT_ONCE} days closed\n")
        return EXIT_OK
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    finally:
        database.dispose()


def prove(transaction: Transaction) -> int:
    """A line for each difference, then a sum; 1 when there is one."""
    days = different = 0
    for proven in prove_days(transaction):
        days += 1
        different += len(proven.differences)
        for one in proven.differences:
            sys.stdout.write(f"day {one.day}: {one.name}: {one.detail}\n")
    sys.stdout.write(f"{days} closed days proven, {different} differences\n")
    return EXIT_DIFFERENT if different else EXIT_OK


def _show(transaction: Transaction, day: date) -> int:
    with transaction() as connection:
        found = closings.closed_days(connection, day - timedelta(days=1), 1)
        balances = closings.written_balances(connection, day)
    if not found or found[0].sealed.day != day or found[0].summary is None:
        sys.stderr.write(f"{day} is not closed\n")
        return EXIT_DIFFERENT
    for line in _printed(found[0], balances):
        sys.stdout.write(f"{line}\n")
    return EXIT_OK


def _printed(closed: ClosedDay, balances: list[Balance]) -> Iterator[str]:
    sealed = closed.sealed
    yield f"{sealed.day} {sealed.zone}: from {sealed.period.begins} to {sealed.period.ends}"
    yield f"{'account':<58} {'opening':>14} {'debits':>14} {'credits':>14} {'closing':>14} {'facts':>7}"
    for one in balances:
        amounts = (one.opening, one.debits, one.credits, one.closing)
        columns = " ".join(f"{Money(amount, one.currency).decimal():>14}" for amount in amounts)
        yield f"{one.account:<54} {one.currency} {columns} {one.transactions:>7}"
    yield f"digest {closed.digest}"


if __name__ == "__main__":
    sys.exit(main())
