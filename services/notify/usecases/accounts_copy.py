"""Keeps the copy of accounts that says who is a provider's member."""

from services.notify.store import accounts
from shared.database.transaction import Transaction
from shared.messages.envelope import Event


def apply_account(transaction: Transaction, event: Event) -> None:
    """Apply `user_registered` or `user_changed`; an older one than the copy changes nothing."""
    with transaction() as connection:
        accounts.put_account(
            connection,
            event.data["user_id"],
            event.aggregate_version,
            event.data["active"],
            [member["provider_id"] for member in event.data["memberships"]],
        )
