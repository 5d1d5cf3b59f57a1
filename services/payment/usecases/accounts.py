"""The ledger of one payment or booking, as an accountant reads it."""

from collections import defaultdict
from collections.abc import Iterator

from services.payment.store import ledger
from services.payment.store.ledger import LedgerLine
from shared.database.transaction import Transaction
from shared.money import Money


def lines_of_payment(transaction: Transaction, payment_id: str) -> list[LedgerLine]:
    """All entries of a payment, the oldest first; none for an unknown one."""
    with transaction() as connection:
        return ledger.lines_of_payment(connection, payment_id)


def lines_of_booking(transaction: Transaction, booking_id: str) -> list[LedgerLine]:
    """All entries of all payments of a booking, the oldest first; none for an unknown one."""
    with transaction() as connection:
        return ledger.lines_of_booking(connection, booking_id)


def balances(lines: list[LedgerLine]) -> dict[str, Money]:
    """What stands on each account, in order of their names and currencies."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for line in lines:
        sums[line.account, line.amount.currency] += line.amount.amount
    return {account: Money(amount, currency) for (account, currency), amount in sorted(sums.items())}


def printed(lines: list[LedgerLine]) -> Iterator[str]:
    """A line per entry, then the balance of each account. A debit is positive, a credit negative."""
    for line in lines:
        instant = f"{line.posted_at:%Y-%m-%dT%H:%M:%SZ}"
        entry = f"{line.kind:<20} {line.account:<54} {_column(line.amount)}"
        yield f"{instant}  {entry}  {line.reference or ''}".rstrip()
    for account, amount in balances(lines).items():
        yield f"{'':<20}  {'balance':<20} {account:<54} {_column(amount)}"


def _column(amount: Money) -> str:
    return f"{amount.decimal():>14} {amount.currency}"
