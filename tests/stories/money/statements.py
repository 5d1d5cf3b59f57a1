"""What is read of it: the provider's statement, another commission, the comparison of the books."""

import csv
import io
import json
import subprocess
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pypdf
import requests

from deploy.local.demo import payment_command
from tests.fixtures.command import run
from tests.stories.money.houses import House
from tests.stories.money.scene import Scene, amount_of, days
from tests.stories.story import Object, data_of

LINES = {
    "charged": "earned 95.00, refunded -80.00, commission_returned 7.50, paid_out -22.50",
    "held": "earned 22.50, paid_out -22.50",
    "disputed": "earned 95.00, paid_out -95.00",
    "undisputed": "earned 90.00, earned 4.00, paid_out -90.00, paid_out -4.00",
    "lost": "earned 90.00, refunded -100.00, commission_returned 10.00, refunded 90.00, disputed -90.00",
    "odd": "earned 90.01, refunded -33.34, refunded -33.34, refunded -33.33, commission_returned 3.33, "
    "commission_returned 3.34, commission_returned 3.33",
}
"""Every line that the statement of the house in New York must have, and no other, by visit."""
SUMS = {
    "earned": "486.51",
    "refunded": "-190.01",
    "commissionReturned": "27.50",
    "disputed": "-90.00",
    "paidOut": "-234.00",
    "payoutFailed": "0.00",
}
TERMS = {"default_rate": "0.10", "lines": [{"category": "massage", "rate": "0.08"}]}
BY_TERMS = {
    ("home-nursing", "USD"): (1, "0.00", "0.00"),
    ("massage", "KWD"): (2, "0.310", "0.250"),
    ("massage", "USD"): (5, "25.00", "20.00"),
}
"""How many bookings, what was kept of them, and what 8 % on massage would have kept."""
COMMAND_SECONDS = 120.0


def every_line_of_the_statement_follows_to_a_visit(scene: Scene) -> str:
    """promise F2: as list, as CSV and as PDF; each line with its visit, and they add up."""
    house, statement = scene.new_york, scene.statement(scene.new_york)
    lines: list[Object] = statement["lines"]
    names = {visit.booking_id: name for name, visit in scene.visits.items()}
    found = Counter((names[one["bookingId"]], one["kind"], amount_of(one)) for one in lines)
    wanted = Counter(
        (name, *_kind_and_amount(line)) for name, text in LINES.items() for line in text.split(", ")
    )
    assert found == wanted, (found - wanted, wanted - found)
    assert {name: amount_of(statement, name) for name in SUMS} == {n: Decimal(a) for n, a in SUMS.items()}
    assert [amount_of(statement, name) for name in ("openingBalance", "closingBalance")] == [0, 0]
    visits = data_of(
        scene.owner.get("provider/bookings", providerId=house.provider_id, visits="past", limit=100)
    )
    visits["bookings"] += data_of(scene.owner.get("provider/bookings", providerId=house.provider_id))[
        "bookings"
    ]
    listed = {one["bookingId"] for one in visits["bookings"]}
    assert {one["bookingId"] for one in lines} <= listed, "a line whose visit the provider does not see"
    _payouts_add_up(lines)
    _csv_says_the_same(scene, house, lines)
    _pdf_says_the_same(scene, house, lines)
    return f"{len(lines)} lines of {len(LINES)} visits, closing at 0.00: list, CSV and PDF say the same"


def _kind_and_amount(line: str) -> tuple[str, Decimal]:
    kind, amount = line.split()
    return kind, Decimal(amount)


def _payouts_add_up(lines: list[Object]) -> None:
    """What was paid out, and nothing else, names its payout."""
    for one in lines:
        assert (one["payoutId"] is not None) is (one["kind"] == "paid_out"), one


def _csv_says_the_same(scene: Scene, house: House, lines: list[Object]) -> None:
    answer = scene.owner.get("provider/statements.csv", providerId=house.provider_id, **days())
    assert answer.status_code == requests.codes.ok, answer.text
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    written = [
        (row["booking_id"], row["kind"], Decimal(row["amount"]), Decimal(row["balance"])) for row in rows
    ]
    told = [(one["bookingId"], one["kind"], amount_of(one), amount_of(one, "balance")) for one in lines]
    assert written == told


def _pdf_says_the_same(scene: Scene, house: House, lines: list[Object]) -> None:
    """A page has no room for whole ids."""
    answer = scene.owner.get("provider/statements.pdf", providerId=house.provider_id, **days())
    assert answer.status_code == requests.codes.ok, answer.text
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    words = {word for page in pages for word in page.extract_text().split()}
    for one in lines:
        assert {one["bookingId"][:13], f"{amount_of(one):.2f}"} <= words, one


def another_commission_would_have_kept(scene: Scene) -> str:
    """promise D9: 8 % on massage over what was just booked, by the command and by the route."""
    printed = _what_if(scene)
    houses = {house.provider_id: house for house in (scene.new_york, scene.kuwait)}
    found = {
        (category, currency): (int(number), kept, by_terms)
        for provider_id, category, number, kept, by_terms, _, currency in printed
        if provider_id in houses
    }
    assert found == BY_TERMS, found
    terms = {"defaultRate": 0.1, "lines": [{"category": "massage", "rate": 0.08}], **days()}
    answer = data_of(scene.admin.post("admin/policies/commission/preview", terms))
    shown = {
        (one["category"], one["commission"]["currency"]): (
            one["payments"],
            str(amount_of(one, "commission")),
            str(amount_of(one, "commissionByTerms")),
        )
        for one in answer["differences"]
        if one["providerId"] in houses
    }
    assert shown == BY_TERMS, shown
    return "of 5 massages 20.00 USD instead of 25.00, of 2 in Kuwait 0.250 KWD instead of 0.310"


def _what_if(scene: Scene) -> list[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "rules.json"
        rules.write_text(json.dumps(TERMS), encoding="utf-8")
        asked = [f"--rules={rules}", f"--from={days()['from']}", f"--to={days()['to']}"]
        said = _run(scene, "services.payment.what_if", *asked)
    assert said.returncode == 0, said.stderr
    rows = [line.split() for line in said.stdout.splitlines()]
    return [row for row in rows if len(row) == 7]


def the_books_agree(scene: Scene) -> str:
    """promise D10: ledger, payments, refunds, payouts, disputes and the stand-in, of each payment here."""
    said = _run(scene, "services.payment.reconcile")
    ours = {visit.payment_id for visit in scene.visits.values()}
    wrong = [line for line in said.stdout.splitlines() if any(one in line for one in ours)]
    compared = [line for line in said.stdout.splitlines() if " payments compared" in line]
    assert compared, said.stderr
    assert not wrong, wrong
    return f"none of the {len(ours)} payments of this story differs; all of them: {compared[0]}"


def _run(scene: Scene, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run([*payment_command(scene.stack, module), *arguments], seconds=COMMAND_SECONDS)
