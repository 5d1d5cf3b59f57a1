"""What is held is decided for visits that were missed too, and a contest of that holds a payout."""

from alembic import op

revision = "0024"
down_revision = "0023"

CHECKS = {
    ("payment", "capture_cause"): (
        "capture_cause IN ('completed', 'cancelled', 'deadline')",
        "capture_cause IN ('completed', 'cancelled', 'no_show', 'deadline')",
    ),
    ("payout_hold", "kind"): (
        "kind IN ('early_fraud_warning', 'review')",
        "kind IN ('contest', 'early_fraud_warning', 'review')",
    ),
}


def upgrade() -> None:
    for (table, name), (_, after) in CHECKS.items():
        _replace(table, name, after)
    with op.get_context().autocommit_block():
        for table, name in CHECKS:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")


def downgrade() -> None:
    for (table, name), (before, _) in CHECKS.items():
        _replace(table, name, before)


def _replace(table: str, name: str, condition: str) -> None:
    """Without a look at what is there: all of it keeps the narrower one."""
    op.execute(
        f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}, "
        f"ADD CONSTRAINT ck_{table}_{name} CHECK ({condition}) NOT VALID"
    )
