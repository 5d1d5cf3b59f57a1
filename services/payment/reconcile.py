"""Compares ledger, payments, refunds, closed days and Stripe: `python -m services.payment.reconcile`."""

import argparse
import sys
from contextlib import nullcontext
from datetime import timedelta
from os import environ

from services.payment.clients.providers import open_providers
from services.payment.closing import prove
from services.payment.settings import Mode, PaymentSettings, payment_mode
from services.payment.usecases.reconcile_books import compare_all, compare_series
from shared import clock
from shared.database.transaction import Database
from shared.errors import ServiceError
from shared.settings import SettingsError, load

EXIT_OK = 0
EXIT_DIFFERENT = 1
EXIT_USAGE = 2
DAYS = 90


def main(arguments: list[str] | None = None) -> int:
    """Print each difference with its name, then a sum; 1 when there is one, 2 when nothing could be read."""
    parser = argparse.ArgumentParser(prog="python -m services.payment.reconcile", description=__doc__)
    parser.add_argument("--days", type=int, default=DAYS, help=f"how far back; default {DAYS}")
    chosen = parser.parse_args(arguments)
    try:
        settings = load(PaymentSettings, environ)
        mode = payment_mode(settings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    database = Database(settings.database_url, pool_size=1, application_name="payment reconcile")
    try:
        return _compare(settings, mode, database, chosen.days)
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    finally:
        database.dispose()


def _compare(settings: PaymentSettings, mode: Mode, database: Database, days: int) -> int:
    providers = open_providers(settings, mode, nullcontext)
    of_none = compare_series(database.transaction)
    payments = lost = 0
    different = len(of_none)
    for one in of_none:
        sys.stdout.write(f"numbers: {one.name}: {one.detail}\n")
    for compared in compare_all(database.transaction, providers, clock.now() - timedelta(days=days)):
        payments += 1
        lost += compared.is_lost
        different += len(compared.differences)
        for one in compared.differences:
            sys.stdout.write(f"payment {one.payment_id}: {one.name}: {one.detail}\n")
    asked = "Stripe was not asked, payments are off" if mode is Mode.OFF else f"Stripe: {mode.value}"
    forgotten = f", {lost} forgotten by the stand-in" if lost else ""
    sys.stdout.write(f"{payments} payments compared{forgotten}, {different} differences ({asked})\n")
    return EXIT_DIFFERENT if prove(database.transaction) or different else EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
