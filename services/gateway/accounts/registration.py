"""Opening accounts, and the events that tell of them."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.gateway.accounts.passwords import MAX_LENGTH, MIN_LENGTH, Passwords
from services.gateway.accounts.store import accounts
from services.gateway.accounts.store.accounts import Account
from shared.contracts.declaration import EventType, Role
from shared.contracts.gateway import USER_REGISTERED
from shared.database.transaction import Transaction, read_app_now
from shared.errors import Category, ErrorCode, invalid_field
from shared.ids import new_id
from shared.messages import outbox
from shared.messages.envelope import Event

email_taken = ErrorCode(
    "email_taken", Category.CONFLICT, "There is an account with this e-mail address already."
)


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What a person gives to open an account."""

    email: str
    password: str
    name: str
    locale: str
    time_zone: str


def normalise_email(text: str) -> str:
    """One spelling per mailbox: NFKC, no space around, lower case. Dots and +tags stay as they are."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def normalise_password(text: str) -> str:
    """The same password from every keyboard (RFC 8265, OpaqueString, uses NFC)."""
    return unicodedata.normalize("NFC", text)


def register(transaction: Transaction, passwords: Passwords, wanted: Registration) -> Account:
    """Open a customer's account and tell it (`user_registered`).

    Raises `validation_failed` for a weak password, `email_taken`.
    """
    email = normalise_email(wanted.email)
    password = normalise_password(wanted.password)
    _check_password(password, email)
    password_hash = passwords.hash(password)
    with transaction() as connection:
        now = read_app_now(connection)
        account = Account(
            id=new_id(),
            email=email,
            name=wanted.name.strip(),
            password_hash=password_hash,
            locale=wanted.locale,
            time_zone=wanted.time_zone,
            roles=(Role.CUSTOMER.value,),
            active=True,
            token_version=1,
            version=1,
            created_at=now,
        )
        if not accounts.insert_account(connection, account):
            raise email_taken(errors={"email": [email_taken.message]})
        tell(connection, USER_REGISTERED, account, now)
    return account


def tell(connection: Connection, event_type: EventType, account: Account, now: datetime) -> None:
    """Write the account's public state to the outbox: nothing personal."""
    outbox.append(
        connection,
        Event(
            type=event_type,
            aggregate_id=account.id,
            aggregate_version=account.version,
            provider_id=None,
            user_id=account.id,
            occurred_at=now,
            data={
                "user_id": account.id,
                "roles": list(account.roles),
                "memberships": [
                    {"provider_id": member.provider_id, "role": member.role} for member in account.memberships
                ],
                "locale": account.locale,
                "active": account.active,
            },
        ),
    )


def _check_password(password: str, email: str) -> None:
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise invalid_field("password", f"Between {MIN_LENGTH} and {MAX_LENGTH} characters.")
    if len(set(password)) < MIN_LENGTH // 2:
        raise invalid_field("password", "Too few different characters.")
    if password.casefold() in (email, email.partition("@")[0]):
        raise invalid_field("password", "Must not be the e-mail address.")
