"""The checks of chaos that look at money, asked about what stands in payment's tables alone."""

import json

from sqlalchemy import Engine

from services.payment.store.tables import metadata
from tests.chaos.checks import ledger
from tests.chaos.facts import Facts, Violation
from tests.integration.payment.records import rows

ROW = "SELECT row_to_json(known)::text AS text FROM (SELECT *, 0.0 AS committed FROM {name}) AS known"


def violations(owner: Engine) -> list[Violation]:
    """What the ledger's checks find; true of any payment at any moment."""
    tables = {
        f"payment.{table.name}": [json.loads(row["text"]) for row in rows(owner, ROW.format(name=table.name))]
        for table in metadata.sorted_tables
    }
    facts = Facts(exchanges=[], rows=tables, events=[], faults=[])
    return [found for check in ledger.CHECKS for found in check(facts)]
