"""Accounts and kinds of postings for payouts, disputes and fees; payments of a tip alone."""

from alembic import op

revision = "0007"
down_revision = "0006"

KINDS = (
    "'captured', 'commission', 'commission_returned', 'dispute_fee', 'dispute_lost', "
    "'dispute_reinstated', 'dispute_withdrawn', 'payout_paid', 'payout_put_back', "
    "'payout_sent', 'provider_share', 'receivable_booked', 'receivable_netted', 'refund_owed', "
    "'refund_put_back', 'refund_sent', 'rounding_difference', 'share_released', 'stripe_fee'"
)
PLATFORM = (
    "customer_funds|dispute_costs|disputed_funds|payouts_in_transit|"
    "platform_commission|refunds_payable|rounding|stripe_clearing|stripe_fees"
)
PROVIDERS = "provider_due|provider_payable|provider_receivable"
BEFORE = {
    "ledger_transaction": (
        "kind",
        "kind IN ('captured', 'commission', 'commission_returned', 'provider_share', 'refund_owed', "
        "'refund_put_back', 'refund_sent')",
    ),
    "ledger_entry": (
        "account",
        "account ~ '^(customer_funds|platform_commission|refunds_payable|stripe_clearing)$' "
        "OR account ~ '^provider_payable:[0-9a-f-]{36}$'",
    ),
    "payment": ("kind", "kind IN ('booking')"),
}
NOW = {
    "ledger_transaction": ("kind", f"kind IN ({KINDS})"),
    "ledger_entry": (
        "account",
        f"account ~ '^({PLATFORM})$' OR account ~ '^({PROVIDERS}):[0-9a-f-]{{36}}$'",
    ),
    "payment": ("kind", "kind IN ('booking', 'tip')"),
}


def upgrade() -> None:
    _replace(NOW)


def downgrade() -> None:
    _replace(BEFORE)


def _replace(checks: dict[str, tuple[str, str]]) -> None:
    """Each table is read by VALIDATE after its lock is given back, while others write."""
    for table, (name, condition) in checks.items():
        op.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}, "
            f"ADD CONSTRAINT ck_{table}_{name} CHECK ({condition}) NOT VALID"
        )
    with op.get_context().autocommit_block():
        for table, (name, _) in checks.items():
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")
