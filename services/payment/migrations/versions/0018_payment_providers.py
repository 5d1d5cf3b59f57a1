"""Through which payment provider a payment goes, and with which method; an account for money at Tap."""

from alembic import op

from shared.database import repeating

revision = "0018"
down_revision = "0017"

COLUMNS = {
    "payment": {"payment_provider": "stripe", "method": "card"},
    "webhook_event": {"payment_provider": "stripe"},
}
PROVIDERS = "payment_provider IN ('stripe', 'tap')"
CHECKS = {
    "payment": {"payment_provider": PROVIDERS, "method": "method IN ('card', 'mada')"},
    "webhook_event": {"payment_provider": PROVIDERS},
}
BEFORE = (
    "customer_funds|dispute_costs|disputed_funds|payouts_in_transit|"
    "platform_commission|refunds_payable|rounding|stripe_clearing|stripe_fees"
)
OF_PROVIDERS = "provider_due|provider_payable|provider_receivable"


def upgrade() -> None:
    """Rows of before went through Stripe with a card; so do those that the old version still writes."""
    if not repeating.is_there("payment", "method"):
        _add()
    _accounts(f"{BEFORE}|tap_clearing")
    with op.get_context().autocommit_block():
        for table, checks in CHECKS.items():
            for name in checks:
                op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")
        op.execute("ALTER TABLE ledger_entry VALIDATE CONSTRAINT ck_ledger_entry_account")


def _add() -> None:
    for table, columns in COLUMNS.items():
        for name, default in columns.items():
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} varchar NOT NULL DEFAULT '{default}'")
        for name, condition in CHECKS[table].items():
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({condition}) NOT VALID")


def downgrade() -> None:
    _accounts(BEFORE)
    for table, columns in COLUMNS.items():
        for name in columns:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def _accounts(platform: str) -> None:
    condition = f"account ~ '^({platform})$' OR account ~ '^({OF_PROVIDERS}):[0-9a-f-]{{36}}$'"
    op.execute(
        "ALTER TABLE ledger_entry DROP CONSTRAINT ck_ledger_entry_account, "
        f"ADD CONSTRAINT ck_ledger_entry_account CHECK ({condition}) NOT VALID"
    )
