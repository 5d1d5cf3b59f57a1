"""Everything that payment is asked, once each, by name: whose statements' plans are kept."""

from collections.abc import Iterator

from sqlalchemy import Engine

from shared.database.transaction import Database
from tests.plans.listening import Asking, Statement, statements_of
from tests.plans.till import Till, open_till
from tests.plans.walk_of_customers import disputes, payments
from tests.plans.walk_of_money import books, providers_money, rounds


def walk(database: Database, owner: Engine, provider_id: str) -> dict[str, list[Statement]]:
    """The statements of each question, command, event, job and timer, in the order of their sending."""
    return statements_of(database, _questions(open_till(database, owner, provider_id)))


def _questions(till: Till) -> Iterator[Asking]:
    for part in (payments, disputes, providers_money, books, rounds):
        yield from part(till)
