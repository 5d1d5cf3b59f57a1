"""Imports accounts from a file, twice as well as once: `python -m services.gateway.import_accounts FILE`."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.registration import normalise_email, normalise_password, tell
from services.gateway.accounts.store import accounts
from services.gateway.accounts.store.accounts import Account, Membership
from shared import logs
from shared.contracts.gateway import SERVICE, USER_CHANGED, USER_REGISTERED
from shared.database.transaction import Database, read_app_now

FORMAT = 1


class FormatError(Exception):
    """The file is not of a format that this release reads."""


class InThisThread:
    """A pool for programs that have nothing else to do meanwhile."""

    def apply(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        return function(*arguments)


def import_accounts(database: Database, document: Mapping[str, Any]) -> int:
    """Add or change the accounts of the document; returns how many differed from what was there.

    `{"format": 1, "accounts": [{id, email, name, password or null, locale, time_zone, roles,
    memberships: [{provider_id, role, staff_id}]}]}`. An account is found by its id. One that does
    not differ is left alone and emits nothing. Raises FormatError.
    """
    if document.get("format") != FORMAT:
        raise FormatError(f"format {FORMAT} is expected")
    passwords = Passwords(InThisThread())
    changed = 0
    for entry in document["accounts"]:
        with database.transaction() as connection:
            changed += _import_one(connection, passwords, entry)
    return changed


def _import_one(connection: Connection, passwords: Passwords, entry: Mapping[str, Any]) -> bool:
    now = read_app_now(connection)
    known = accounts.find_by_id(connection, entry["id"])
    wanted = _account(entry, now)
    if known is None:
        if entry["password"] is not None:
            wanted = replace(wanted, password_hash=passwords.hash(normalise_password(entry["password"])))
        if not accounts.insert_account(connection, wanted):
            raise FormatError(f"account {wanted.id}: another account has its e-mail address")
        tell(connection, USER_REGISTERED, wanted, now)
        return True
    wanted = replace(
        wanted,
        password_hash=_password_hash(passwords, known, entry["password"]),
        version=known.version,
        token_version=known.token_version,
        created_at=known.created_at,
    )
    if wanted == known:
        return False
    rights_changed = (wanted.roles, wanted.memberships) != (known.roles, known.memberships)
    wanted = replace(
        wanted, version=known.version + 1, token_version=known.token_version + int(rights_changed)
    )
    accounts.replace_account(connection, wanted, now)
    tell(connection, USER_CHANGED, wanted, now)
    return True


def _password_hash(passwords: Passwords, known: Account, password: str | None) -> str | None:
    """The stored hash as long as it fits, since a new one differs every time."""
    if password is None:
        return None
    if passwords.verify(known.password_hash, normalise_password(password)):
        return known.password_hash
    return passwords.hash(normalise_password(password))


def _account(entry: Mapping[str, Any], now: datetime) -> Account:
    memberships = [
        Membership(provider_id=member["provider_id"], role=member["role"], staff_id=member.get("staff_id"))
        for member in entry["memberships"]
    ]
    return Account(
        id=entry["id"],
        email=normalise_email(entry["email"]),
        name=entry["name"],
        password_hash=None,
        locale=entry["locale"],
        time_zone=entry["time_zone"],
        roles=tuple(entry["roles"]),
        active=True,
        token_version=1,
        version=1,
        created_at=now,
        memberships=tuple(sorted(memberships, key=lambda member: member.provider_id)),
    )


def main(arguments: list[str]) -> int:
    """The database is that of DATABASE_URL; running gateways send the events."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m services.gateway.import_accounts FILE\n")
        return 2
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        sys.stderr.write("DATABASE_URL is not set (the gateway's database, as its app role)\n")
        return 2
    logs.configure(SERVICE, os.environ.get("LOG_LEVEL", "INFO"))
    document = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    database = Database(url, pool_size=1, application_name="gateway import")
    changed = import_accounts(database, document)
    database.dispose()
    sys.stdout.write(f"{len(document['accounts'])} accounts, {changed} changed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
