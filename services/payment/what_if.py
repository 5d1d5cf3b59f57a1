"""New commission rules on past payments: `python -m services.payment.what_if --rules FILE --from --to`."""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import date
from os import environ
from pathlib import Path

from services.payment.domain.operator_days import beginning_of, days
from services.payment.settings import PaymentSettings, operator_zone
from services.payment.usecases.commission_rules import rules_of
from services.payment.usecases.what_if import Group, Kept, differences, totals
from shared.contracts.declaration import read
from shared.contracts.payment_books_forms import CommissionTermsSchema
from shared.database.transaction import Database
from shared.errors import ServiceError
from shared.money import Money
from shared.settings import SettingsError, load

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2


def main(arguments: list[str] | None = None) -> int:
    """Print what the platform kept and would have kept, by provider and category and in total. Changes
    nothing. The file has the members `default_rate` and `lines` of `propose_commission_rules`."""
    parser = argparse.ArgumentParser(prog="python -m services.payment.what_if", description=__doc__)
    parser.add_argument("--rules", metavar="FILE", type=Path, required=True)
    parser.add_argument("--from", dest="first", metavar="DAY", type=date.fromisoformat, required=True)
    parser.add_argument("--to", dest="last", metavar="DAY", type=date.fromisoformat, required=True)
    chosen = parser.parse_args(arguments)
    try:
        settings = load(PaymentSettings, environ)
        zone = operator_zone(settings)
        terms = read(CommissionTermsSchema, json.loads(chosen.rules.read_text(encoding="utf-8")))
    except (SettingsError, OSError, ValueError, ServiceError) as error:
        details = error.details if isinstance(error, ServiceError) else ""
        sys.stderr.write(f"{error} {details}\n".lstrip())
        return EXIT_USAGE
    database = Database(settings.database_url, pool_size=1, application_name="payment what if")
    try:
        rules = rules_of(terms, beginning_of(chosen.first, zone))
        found = differences(database.transaction, rules, days(chosen.first, chosen.last, zone), zone)
    except ServiceError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAILED
    finally:
        database.dispose()
    for line in _printed(found):
        sys.stdout.write(f"{line}\n")
    return EXIT_OK


def _printed(found: dict[Group, Kept]) -> Iterator[str]:
    """A line per group, then per currency: payments, kept, would have kept, difference."""
    yield f"{'provider':<36} {'category':<20} {'payments':>9} {'kept':>14} {'by the rules':>14} {'more':>14}"
    for (provider_id, category, currency), kept in sorted(found.items(), key=lambda one: str(one[0])):
        yield _line(provider_id, category or "not known", currency, kept)
    for currency, kept in sorted(totals(found).items()):
        yield _line("all", "", currency, kept)


def _line(provider_id: str, category: str, currency: str, kept: Kept) -> str:
    amounts = (kept.commission, kept.by_terms, kept.by_terms - kept.commission)
    columns = " ".join(f"{Money(amount, currency).decimal():>14}" for amount in amounts)
    return f"{provider_id:<36} {category:<20} {kept.payments:>9} {columns} {currency}"


if __name__ == "__main__":
    sys.exit(main())
