"""docs/ledger.md says what the chart of accounts and the postings say, row by row."""

import importlib
import re
from decimal import Decimal
from pathlib import Path

from services.payment.domain import (
    capture_postings,
    dispute_postings,
    payout_postings,
    refund_postings,
    share_postings,
)
from services.payment.domain.chart_of_accounts import CHART, of_provider
from services.payment.domain.disputes import DisputeMovement, Loss
from services.payment.domain.payout_postings import PayoutPart
from services.payment.domain.postings import Posting, PostingKind
from services.payment.domain.refunds import RefundParts, with_commission
from services.payment.domain.split import divide
from services.payment.usecases.prove_days import NAMES
from shared.money import Money

MODULES = tuple(
    importlib.import_module(f"services.payment.domain.{path.stem}")
    for path in Path(capture_postings.__file__).parent.glob("*_postings.py")
)
DOCUMENT = Path(__file__).parents[3] / "docs" / "ledger.md"
PROVIDER = "01890000-0000-7000-8000-000000000010"


def usd(amount: int) -> Money:
    return Money(amount, "USD")


SPLIT = divide(usd(10000), usd(500), Decimal("0.1"))
PARTS = with_commission(SPLIT, RefundParts(usd(0), usd(0), usd(0)), usd(7500), usd(500))
EXAMPLE = (
    capture_postings.captured(SPLIT, None),
    capture_postings.commission(SPLIT),
    capture_postings.provider_share(SPLIT, PROVIDER),
    refund_postings.refund_owed(PARTS, "r", PROVIDER),
    refund_postings.commission_returned(PARTS, "r", PROVIDER),
    refund_postings.refund_sent(PARTS, "r", 1, "re"),
)
OWNER = of_provider("provider_payable", PROVIDER)
PART = PayoutPart("p", "y", PROVIDER, usd(2250), usd(50), "po")
TAKEN = DisputeMovement("txn", usd(10000), usd(1500))
GIVEN = DisputeMovement("txn", usd(-10000), usd(-1500))
LIFE = (
    capture_postings.captured(SPLIT, None),
    capture_postings.commission(SPLIT),
    capture_postings.provider_share(SPLIT, PROVIDER),
    refund_postings.refund_owed(PARTS, "r", OWNER),
    refund_postings.commission_returned(PARTS, "r", OWNER),
    refund_postings.refund_sent(PARTS, "r", 1, "re"),
)
POSTINGS = (
    *LIFE,
    refund_postings.refund_put_back(PARTS, "r", 1, "re"),
    refund_postings.receivable_booked(PARTS, "r", PROVIDER, OWNER),
    share_postings.share_released(usd(2250), PROVIDER),
    payout_postings.payout_sent(PART),
    payout_postings.payout_paid(PART),
    payout_postings.payout_put_back(PART, was_paid=False),
    payout_postings.payout_put_back(PART, was_paid=True),
    payout_postings.receivable_netted(PART),
    payout_postings.receivable_booked(PART),
    dispute_postings.dispute_withdrawn(TAKEN),
    dispute_postings.dispute_reinstated(GIVEN),
    dispute_postings.dispute_fee(TAKEN),
    dispute_postings.dispute_lost(Loss(PARTS, usd(100)), "dp", OWNER),
    dispute_postings.refund_covered(PARTS, "r", OWNER),
)


def table(heading: str, number: int = 0) -> list[list[str]]:
    """The cells of a table under a heading, without its head."""
    _, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(f"## {heading}\n")
    text = rest.partition("\n## ")[0]
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in tables[number].splitlines()[2:]]


def test_the_document_has_the_chart_of_accounts() -> None:
    """promise D10: every account, its kind, and what it holds."""
    chart = [
        [f"`{one.name}{':<provider>' if one.per_provider else ''}`", one.kind.value, one.holds]
        for one in CHART
    ]
    assert table("Accounts") == chart


def _sides(posting: Posting) -> tuple[str, str, str]:
    debit = next(account for account, amount in posting.moves if amount > 0)
    credit = next(account for account, amount in posting.moves if amount < 0)
    names = [f"`{account.partition(':')[0]}`" for account in (debit, credit)]
    return f"`{posting.kind.value}`", names[0], names[1]


def test_the_document_has_every_posting() -> None:
    """promise D10: each kind that a function posts has its rows, between accounts of the chart."""
    written = {tuple(row[:3]) for row in table("Postings")}
    assert {_sides(posting) for posting in POSTINGS} <= written
    functions = {name for module in MODULES for name in vars(module) if name in set(PostingKind)}
    assert {kind for kind, _, _ in written} == {f"`{name}`" for name in functions}
    names = {f"`{account.name}`" for account in CHART}
    assert {account for _, *sides in written for account in sides} <= names


def test_the_example_is_what_is_posted() -> None:
    found = [(row[0], row[2]) for row in table("Postings", 1)]
    posted = [
        (f"`{one.kind.value}`", ", ".join(str(usd(amount).decimal()) for _, amount in one.moves))
        for one in EXAMPLE
    ]
    assert found == posted


def test_the_document_names_what_a_proof_may_find() -> None:
    assert {row[0] for row in table("The daily closing")} == {f"`{name}`" for name in NAMES}
