"""Accounts and sessions on the real database, under gunicorn."""

import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any

import jwt
import pytest
import requests
from sqlalchemy import text

from services.gateway.accounts.sessions import Sessions
from services.gateway.accounts.tokens import Principal
from shared import clock
from shared.contracts.gateway import USER_REGISTERED
from shared.database.transaction import Database
from shared.ids import new_id
from shared.messages import broker
from tests.fixtures.customer import PASSWORD, Customer
from tests.fixtures.waiting import wait_until
from tests.integration.gateway.gateway_process import Gateway


def _refresh(customer: Customer, token: str) -> requests.Response:
    return customer.post("auth/refresh", {"refreshToken": token})


def _sign_in(customer: Customer) -> dict[str, str]:
    answer = customer.post("auth/login", {"email": customer.email, "password": PASSWORD})
    data: dict[str, str] = answer.json()["data"]
    return data


def test_an_account_opens_signs_in_and_is_itself(customer: Customer) -> None:
    """promise H1"""
    me = customer.get("auth/me").json()["data"]
    assert me["email"] == customer.email
    assert me["roles"] == ["customer"]
    assert "password" not in str(me)


def test_services_are_told_as_what_an_account_acts(gateway: Gateway, customer: Customer) -> None:
    """promise H2: for whom, as owner or staff, and as which of the staff; as it was at the last sign-in."""
    own, other, staff = new_id(), new_id(), new_id()
    joining = text(
        "INSERT INTO membership (account_id, provider_id, role, staff_id) "
        "VALUES (:account, :own, 'owner', NULL), (:account, :other, 'staff', :staff)"
    )
    with gateway.database.owner.begin() as connection:
        ids = {"account": customer.user_id, "own": own, "other": other, "staff": staff}
        connection.execute(joining, ids)
    changed = {"provider_id": own, "changed_id": None, "stranded": 0}
    gateway.backstage.scripts["booking.change_rules"] = lambda _: changed
    customer.sign_in(customer.email, PASSWORD)
    answer = customer.post("provider/schedule/rules", {"providerId": own})
    assert answer.status_code == 200, answer.text
    told = gateway.backstage.callers[-1]["nameko.posts"]
    assert sorted(told.split(",")) == sorted([f"{own}:owner:", f"{other}:staff:{staff}"])


def test_registering_tells_nothing_personal(gateway: Gateway, stranger: Customer) -> None:
    """promise H1: user_registered reaches the broker by the outbox, with ids alone."""
    connection = broker.connect(gateway.amqp_uri, "gateway test")
    channel = connection.channel()
    heard: list[str] = []
    queue = channel.queue_declare("", exclusive=True, auto_delete=False).queue
    channel.queue_bind(queue, USER_REGISTERED.exchange, f"{USER_REGISTERED.name}.#")
    channel.basic_consume(queue, no_ack=True, callback=lambda message: heard.append(message.body))
    body = {"email": f"{new_id()}@example.test", "password": PASSWORD, "name": "Personal Name"}
    user_id = stranger.post("auth/register", body).json()["data"]["userId"]
    while not any(user_id in text for text in heard):
        connection.drain_events(timeout=10)
    assert not any("Personal" in text or "@" in text for text in heard)
    broker.close(connection)
    wait_until(lambda: gateway.database.rows("outbox") == 0, "an empty outbox")


def test_an_address_opens_one_account(customer: Customer) -> None:
    body = {"email": customer.email.upper(), "password": PASSWORD, "name": "Another"}
    answer = customer.post("auth/register", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "x" * 201])
def test_a_weak_password_is_refused(stranger: Customer, password: str) -> None:
    body = {"email": "weak@example.test", "password": password, "name": "Weak"}
    answer = stranger.post("auth/register", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["password"])


def test_a_wrong_password_and_an_unknown_account_look_alike(customer: Customer) -> None:
    """promise H1"""
    answers = [
        customer.post("auth/login", {"email": email, "password": "wrong-horse-123"})
        for email in (customer.email, "nobody@example.test")
    ]
    shown = []
    for answer in answers:
        body = answer.json()
        del body["traceId"]
        shown.append((answer.status_code, body))
    assert shown[0] == shown[1]
    assert shown[0][0] == 401


def test_failed_sign_ins_have_to_wait(customer: Customer) -> None:
    """promise H4: progressive penalties; the right password waits too, from this address."""
    wrong = {"email": customer.email, "password": "wrong-horse-123"}
    codes = [customer.post("auth/login", wrong).status_code for _ in range(7)]
    assert codes == [401] * 6 + [429]
    answer = customer.post("auth/login", {"email": customer.email, "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 5
    with Customer(customer.url) as elsewhere:
        elsewhere.sign_in(customer.email, PASSWORD)


def test_a_refresh_token_works_once_and_its_second_use_ends_the_family(
    gateway: Gateway, customer: Customer
) -> None:
    """promise H1: whoever has the old one may be a thief, so everyone has to sign in again."""
    first = _sign_in(customer)["refreshToken"]
    second = _refresh(customer, first).json()["data"]["refreshToken"]
    third = _refresh(customer, second).json()["data"]["refreshToken"]
    assert len({first, second, third}) == 3
    reused = _refresh(customer, first)
    assert (reused.status_code, reused.json()["code"]) == (401, "session_ended")
    assert _refresh(customer, third).status_code == 401
    assert gateway.database.rows("session", "end_reason = 'token_reused'") >= 1


def test_one_family_ends_alone(customer: Customer) -> None:
    stolen, other = _sign_in(customer)["refreshToken"], _sign_in(customer)["refreshToken"]
    _refresh(customer, stolen)
    assert _refresh(customer, stolen).status_code == 401
    assert _refresh(customer, other).status_code == 200


def test_two_refreshes_at_once_are_a_use_and_a_second_use(customer: Customer) -> None:
    """promise H1: under concurrency too there is never a second pair from one token."""
    for _ in range(5):
        token = _sign_in(customer)["refreshToken"]
        assert sorted(_refresh_twice_at_once(customer.url, token)) == [200, 401]


def _refresh_twice_at_once(url: str, token: str) -> list[int]:
    barrier = threading.Barrier(2)

    def refresh(_: int) -> int:
        with Customer(url) as other:
            barrier.wait()
            return _refresh(other, token).status_code

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(refresh, range(2)))


def test_signing_out_ends_the_session_and_may_be_repeated(customer: Customer) -> None:
    """promise H1"""
    token = _sign_in(customer)["refreshToken"]
    for _ in range(2):
        assert customer.post("auth/logout", {"refreshToken": token}).status_code == 200
    assert _refresh(customer, token).status_code == 401
    assert customer.post("auth/logout", {"refreshToken": "unknown"}).status_code == 200


def test_stored_tokens_and_passwords_are_no_use_to_a_thief(gateway: Gateway, customer: Customer) -> None:
    token = _sign_in(customer)["refreshToken"]
    with gateway.database.owner.connect() as connection:
        rows = [
            str(row)
            for table in ("account", "session", "refresh_token")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    assert not any(token in row or PASSWORD in row for row in rows)


def test_expired_and_forged_tokens_open_nothing(gateway: Gateway, customer: Customer) -> None:
    """promise H1"""
    old = Principal(
        user_id=customer.user_id,
        session_id=new_id(),
        roles=("customer",),
        memberships=(),
        locale="en",
        token_version=1,
        expires_at=clock.now() - timedelta(seconds=1),
    )
    customer.token, real = gateway.tokens.sign(old), customer.token
    answer = customer.get("auth/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")
    header, payload, signature = real.split(".")
    customer.token = f"{header}.{payload}.{signature[:-4]}AAAA"
    answer = customer.get("auth/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


def test_anyone_can_verify_a_token_by_the_published_keys(gateway: Gateway, customer: Customer) -> None:
    keys = jwt.PyJWKSet.from_dict(requests.get(f"{gateway.url}/.well-known/jwks.json", timeout=5).json())
    key = keys[jwt.get_unverified_header(customer.token)["kid"]]
    claims = jwt.decode(customer.token, key, ["EdDSA"], audience="care", issuer="care-gateway")
    assert claims["sub"] == customer.user_id
    assert claims["exp"] - claims["iat"] == 15 * 60


def test_hashing_passwords_stops_nobody(gateway: Gateway, stranger: Customer) -> None:
    """argon2 runs in real threads: while passwords are hashed nobody waits for the better part of them."""
    gateway.backstage.scripts["search.list_categories"] = lambda _: {"categories": []}
    stranger.get("customer/categories")

    def sign_in(number: int) -> None:
        with Customer(gateway.url) as other:
            other.post("auth/login", {"email": f"nobody-{number}@example.test", "password": PASSWORD})

    waits: list[float] = []
    started = time.monotonic()
    with ThreadPoolExecutor(20) as people:
        signing_in = [people.submit(sign_in, number) for number in range(20)]
        while len(waits) < 40 and not all(one.done() for one in signing_in):
            waits.append(stranger.get("customer/categories").elapsed.total_seconds())
        wait(signing_in)
    took = time.monotonic() - started
    assert max(waits) < took / 2


def test_ended_sessions_and_tokens_are_forgotten(gateway: Gateway, customer: Customer) -> None:
    """promise H1: what nobody can sign in with any more does not stay; what still works does."""
    ended, kept = _sign_in(customer), _sign_in(customer)
    database = gateway.database
    digests = {
        name: hashlib.sha256(one["refreshToken"].encode()).hexdigest()
        for name, one in (("ended", ended), ("kept", kept))
    }
    with database.owner.begin() as connection:
        connection.execute(
            text(
                "UPDATE session SET expires_at = app_now() - interval '1 minute' WHERE id = "
                "(SELECT session_id FROM refresh_token WHERE hash = decode(:hash, 'hex'))"
            ),
            {"hash": digests["ended"]},
        )
    made = Database(database.app_url, pool_size=1, application_name="forgetting")
    unused: Any = None
    Sessions(made.transaction, unused, unused, unused, clock.now).forget_ended()
    made.dispose()
    assert database.rows("refresh_token", f"hash = decode('{digests['ended']}', 'hex')") == 0
    assert _refresh(customer, ended["refreshToken"]).json()["code"] == "session_ended"
    assert _refresh(customer, kept["refreshToken"]).status_code == 200
