"""The audit of administrators: written before anything is sent, never changed, read page by page."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from services.gateway.accounts.tokens import Principal
from services.gateway.audit.store.entries import Filter
from services.gateway.audit.store.tables import metadata
from services.gateway.audit.trail import Ask, Trail
from services.gateway.context import RequestContext
from shared import clock
from shared.database.migrate import differences
from shared.database.transaction import Database
from shared.errors import ServiceError, deadline_exceeded, internal_error, not_found
from shared.ids import new_id
from tests.fixtures.customer import new_address
from tests.fixtures.tcp_proxy import TcpProxy
from tests.integration.gateway.gateway_process import Gateway, GatewayDatabase

USD = {"amount": 7500, "currency": "USD"}


class ProcessDiedError(BaseException):
    """What no code of ours catches."""


def _principal(*roles: str) -> Principal:
    return Principal(
        user_id=new_id(),
        session_id=new_id(),
        roles=roles,
        memberships=(),
        locale="en",
        token_version=1,
        expires_at=clock.now() + timedelta(minutes=15),
    )


@pytest.fixture
def administrator() -> Principal:
    return _principal("admin")


@pytest.fixture
def database(gateway_database: GatewayDatabase) -> Iterator[Database]:
    made = Database(gateway_database.app_url, pool_size=2, application_name="audit tests")
    yield made
    made.dispose()


@pytest.fixture
def trail(database: Database, administrator: Principal) -> Trail:
    return Trail(database.transaction, lambda: _request_of(administrator))


def _request_of(administrator: Principal) -> RequestContext:
    return RequestContext(
        request_id="request-1", client_address="203.0.113.9", locale="en", started=0, principal=administrator
    )


def _ask(object_id: str, action: str = "refund_payment") -> Ask:
    return Ask(
        action=action,
        object_kind="payment",
        object_id=object_id,
        reason="goodwill",
        request={"payment_id": object_id, "service_amount": USD},
    )


def _entries(trail: Trail, object_id: str) -> list[dict[str, Any]]:
    return trail.page(Filter(object_id=object_id), None, 10)


def test_an_ask_is_there_before_it_is_sent_and_its_outcome_after(
    trail: Trail, administrator: Principal
) -> None:
    """promise G3, rule C12: who, what, on which object, why, what came of it."""
    payment, during = new_id(), []

    def command() -> dict[str, Any]:
        during.extend(_entries(trail, payment))
        return {"refund_id": payment}

    assert trail.carry_out(_ask(payment), command) == {"refund_id": payment}
    assert [(entry["outcome"], entry["ended_at"]) for entry in during] == [("asked", None)]
    [entry] = _entries(trail, payment)
    known = {name: entry[name] for name in ("actor_id", "action", "object_kind", "object_id", "reason")}
    assert known == {
        "actor_id": administrator.user_id,
        "action": "refund_payment",
        "object_kind": "payment",
        "object_id": payment,
        "reason": "goodwill",
    }
    assert (entry["request_id"], entry["client_address"]) == ("request-1", "203.0.113.9")
    assert entry["request"]["service_amount"] == USD
    assert (entry["outcome"], entry["result"]) == ("done", {"refund_id": payment})
    assert entry["asked_at"] <= entry["ended_at"]


@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [(not_found(), "refused"), (deadline_exceeded(), "unknown"), (internal_error(), "unknown")],
)
def test_what_was_refused_and_what_nobody_knows_are_told_apart(
    refusal: ServiceError, outcome: str, trail: Trail
) -> None:
    """promise G3"""
    payment = new_id()

    def command() -> dict[str, Any]:
        raise refusal

    with pytest.raises(ServiceError, match=refusal.code):
        trail.carry_out(_ask(payment), command)
    [entry] = _entries(trail, payment)
    assert (entry["outcome"], entry["result"]) == (outcome, {"code": refusal.code})


def test_a_process_that_dies_leaves_its_ask(trail: Trail) -> None:
    """promise G3: what was under way is visible, without an outcome."""
    payment = new_id()

    def command() -> dict[str, Any]:
        raise ProcessDiedError

    with pytest.raises(ProcessDiedError):
        trail.carry_out(_ask(payment), command)
    [entry] = _entries(trail, payment)
    assert (entry["outcome"], entry["result"], entry["ended_at"]) == ("asked", None, None)


@pytest.fixture
def cut(gateway_database: GatewayDatabase) -> Iterator[tuple[Database, TcpProxy]]:
    """The database behind a line that a test may cut."""
    url = make_url(gateway_database.app_url)
    proxy = TcpProxy(url.host or "", url.port or 5432)
    behind = url.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
    made = Database(behind, pool_size=1, application_name="audit tests")
    yield made, proxy
    made.dispose()
    proxy.end()


def test_what_can_not_be_written_down_is_not_sent(
    cut: tuple[Database, TcpProxy], administrator: Principal
) -> None:
    """promise G3, rule C12"""
    database, proxy = cut
    trail = Trail(database.transaction, lambda: _request_of(administrator))
    proxy.cut()
    sent: list[str] = []

    def command() -> dict[str, Any]:
        sent.append("sent")
        return {}

    with pytest.raises(ServiceError, match="unavailable"):
        trail.carry_out(_ask(new_id()), command)
    assert not sent


def test_an_outcome_that_can_not_be_written_is_not_known(
    cut: tuple[Database, TcpProxy], administrator: Principal, trail: Trail
) -> None:
    """promise G3: done, and nobody could say so here; a repeat under its key writes both rows again."""
    database, proxy = cut
    payment = new_id()
    behind = Trail(database.transaction, lambda: _request_of(administrator))

    def command() -> dict[str, Any]:
        proxy.cut()
        return {}

    with pytest.raises(ServiceError, match="outcome_unknown"):
        behind.carry_out(_ask(payment), command)
    assert [entry["outcome"] for entry in _entries(trail, payment)] == ["asked"]


CHANGES = [
    "UPDATE audit_entry SET reason = 'another'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("who", ["service", "owner"])
def test_nobody_rewrites_the_audit(
    change: str, who: str, trail: Trail, database: Database, gateway_database: GatewayDatabase
) -> None:
    """promise G3: the gateway's role may read and add; a trigger refuses the owner too."""
    payment = new_id()
    trail.carry_out(_ask(payment), dict)
    transaction: Callable[[], Any] = (
        database.transaction if who == "service" else gateway_database.owner.begin
    )
    said = "permission denied" if who == "service" else "only ever added to"
    with pytest.raises(ProgrammingError, match=said), transaction() as connection:
        connection.execute(text(change))
    assert _entries(trail, payment)[0]["reason"] == "goodwill"


def test_the_migrations_make_the_tables_of_the_code(gateway_database: GatewayDatabase) -> None:
    with gateway_database.owner.connect() as connection:
        assert differences(connection, metadata) == []


def _get(gateway: Gateway, principal: Principal, **query: Any) -> requests.Response:
    token = gateway.tokens.sign(principal)
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": new_address()}
    return requests.get(f"{gateway.url}/api/v1/admin/audit", headers=headers, params=query, timeout=10)


@pytest.mark.parametrize("role", ["customer", "provider"])
def test_the_audit_is_for_administrators(gateway: Gateway, role: str) -> None:
    """promises G3 and H2"""
    assert _get(gateway, _principal(role)).status_code == 403


def test_the_audit_is_read_page_by_page(gateway: Gateway, trail: Trail, administrator: Principal) -> None:
    """promise G3: newest first, each once; amounts in major units; filters add up."""
    payments = [new_id() for _ in range(3)]
    for payment in payments:
        trail.carry_out(_ask(payment), dict)
    trail.carry_out(_ask(payments[0], action="retry_refund"), dict)
    mine = {"actorId": administrator.user_id}
    seen: list[tuple[str, str]] = []
    cursor: dict[str, str] = {}
    for _ in range(2):
        answer = _get(gateway, administrator, limit=2, **mine, **cursor)
        assert answer.headers["Cache-Control"] == "no-store"
        body = answer.json()
        seen += [(entry["action"], entry["objectId"]) for entry in body["data"]["entries"]]
        cursor = {"cursor": body["page"]["next"]}
    assert cursor == {"cursor": None}
    assert seen == [
        ("retry_refund", payments[0]),
        *[("refund_payment", payment) for payment in reversed(payments)],
    ]
    assert b'"serviceAmount":{"amount":75.00,"currency":"USD"}' in answer.content
    filtered = _get(gateway, administrator, **mine, action="refund_payment", objectId=payments[0]).json()
    assert [entry["objectId"] for entry in filtered["data"]["entries"]] == [payments[0]]
    first = trail.page(Filter(object_id=payments[0]), None, 1)[0]["asked_at"]
    since = _get(gateway, administrator, **mine, since=clock.to_text(first)).json()["data"]["entries"]
    until = _get(gateway, administrator, **mine, until=clock.to_text(first)).json()["data"]["entries"]
    assert (len(since), len(until)) == (1, 3)
