"""Sets of commission rules: proposed for the future by an administrator, listed, never changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.payment.domain.commission import CommissionLine, CommissionRules
from services.payment.store import commission_rules as store
from services.payment.store.commission_rules import Proposal
from services.payment.usecases.desk import Desk
from shared.contracts.declaration import Caller
from shared.contracts.payment_books import valid_from_taken
from shared.cursors import read_cursor, write_cursor
from shared.database.idempotency import fingerprint
from shared.database.transaction import read_app_now
from shared.errors import idempotency_key_reused, invalid_field, not_found
from shared.ids import new_id

LISTED = ("list_commission_rules",)


def propose(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Write a set that is valid from an instant in the future on, so that no price already quoted changes.

    Once per key. Raises `not_found` for who is no administrator, `validation_failed` for an instant that is
    not in the future, `valid_from_taken`, `idempotency_key_reused`.
    """
    refuse_others(caller)
    print_ = fingerprint(request)
    with desk.transaction() as connection:
        known = store.by_request(connection, caller.user_id, request["idempotency_key"])
        if known is not None:
            return _same(known, print_)
        now = read_app_now(connection)
        if request["valid_from"] <= now:
            raise invalid_field("valid_from", "Must be in the future.")
        new = Proposal(
            rules_of(request, request["valid_from"]),
            store.ADMINISTRATOR,
            request["reason"],
            caller.user_id,
            now,
            print_,
        )
        if store.add(connection, new, request["idempotency_key"]):
            return _view(new)
    with desk.transaction() as connection:
        known = store.by_request(connection, caller.user_id, request["idempotency_key"])
    if known is None:
        raise valid_from_taken()
    return _same(known, print_)


def list_rules(desk: Desk, limit: int, cursor: str | None, caller: Caller) -> dict[str, Any]:
    """Every set, the newest `valid_from` first. Raises `not_found` for who is no administrator."""
    refuse_others(caller)
    before = None if cursor is None else read_cursor(cursor, LISTED, (datetime, str))[0]
    with desk.transaction() as connection:
        found = store.page(connection, before, limit + 1)
    page = found[:limit]
    last = page[-1].rules if len(found) > limit else None
    following = None if last is None else write_cursor(LISTED, (last.valid_from, last.id))
    return {"rules": [_view(one) for one in page], "next": following}


def rules_of(terms: Mapping[str, Any], valid_from: datetime) -> CommissionRules:
    """Terms, as the contract reads them, as rules."""
    lines = tuple(
        CommissionLine(new_id(), line["rate"], line["provider_id"], line["category"], line["from_bookings"])
        for line in terms["lines"]
    )
    return CommissionRules(new_id(), terms["default_rate"], valid_from, lines)


def refuse_others(caller: Caller) -> None:
    """Raise `not_found` for whoever is no administrator (rule B11)."""
    if not caller.is_admin:
        raise not_found()


def _same(known: Proposal, print_: str) -> dict[str, Any]:
    if known.fingerprint != print_:
        raise idempotency_key_reused()
    return _view(known)


def _view(proposal: Proposal) -> dict[str, Any]:
    rules = proposal.rules
    return {
        "rules_id": rules.id,
        "valid_from": rules.valid_from,
        "reason": proposal.reason,
        "proposed_by": proposal.proposed_by,
        "proposed_at": proposal.created_at,
        "default_rate": rules.rate,
        "lines": [
            {
                "provider_id": line.provider_id,
                "category": line.category,
                "from_bookings": line.from_bookings,
                "rate": line.rate,
            }
            for line in rules.lines
        ],
    }
