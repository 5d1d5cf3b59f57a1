"""The checks of chaos that look at money, asked about what stands in payment's tables alone."""

import json
from typing import Any

from sqlalchemy import Engine

from services.payment.store.tables import metadata
from tests.chaos.checks import ledger
from tests.chaos.facts import Facts, Violation
from tests.integration.payment.records import rows

ROWS = " UNION ALL ".join(
    f"SELECT '{table.name}' AS name, row_to_json(known)::text AS text "
    f"FROM (SELECT *, 0.0 AS committed FROM {table.name}) AS known"
    for table in metadata.sorted_tables
)
"""Of all tables."""


def violations(owner: Engine) -> list[Violation]:
    """What the ledger's checks find; true of any payment at any moment."""
    tables: dict[str, list[Any]] = {f"payment.{table.name}": [] for table in metadata.sorted_tables}
    for row in rows(owner, ROWS):
        tables[f"payment.{row['name']}"].append(json.loads(row["text"]))
    facts = Facts(exchanges=[], rows=tables, events=[], faults=[])
    return [found for check in ledger.CHECKS for found in check(facts)]
