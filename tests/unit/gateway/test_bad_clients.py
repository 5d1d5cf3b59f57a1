"""Clients that lie, dawdle or carry what is out of date: what they may not reach or use up."""

import io
import logging
from datetime import timedelta
from typing import Any

import pytest

from services.gateway.in_flight import InFlight
from shared.telemetry import metrics
from tests.unit.gateway.door import Door, problem_of


@pytest.mark.parametrize("path", ["auth/refresh", "auth/login", "auth/logout", "auth/register"])
def test_an_old_token_keeps_nobody_from_a_new_one(door: Door, path: str) -> None:
    """promise H1: clients send their access token with everything, the expired one with the refresh too."""
    expired = door.token(valid_for=timedelta(minutes=-1))
    assert problem_of(door.call("POST", path, token=expired, json={}))["code"] == "validation_failed"


def test_accounts_buy_no_more_tries_of_passwords(door: Door) -> None:
    """promise H4: tokens of many accounts don't raise what one address may try."""
    answers = [
        door.call("POST", "auth/login", token=door.token(), json={}, address="192.0.2.1") for _ in range(21)
    ]
    assert [answer.status_code for answer in answers] == [422] * 20 + [429]


def test_a_house_full_of_people_stays_signed_in(door: Door) -> None:
    """promise H1: each of them refreshes every quarter of an hour, all from one address."""
    answers = [door.call("POST", "auth/refresh", json={}, address="192.0.2.2") for _ in range(100)]
    assert {answer.status_code for answer in answers} == {422}


def test_who_sends_a_webhook_slowly_takes_no_place(door: Door) -> None:
    """rule W12: sixteen connections that send nothing would otherwise keep all webhooks of Stripe out."""
    door.resources.webhooks = InFlight(1)
    door.services.answers["payment.receive_webhook"] = lambda _: {"duplicate": False}
    others: list[int] = []

    class Slow(io.BytesIO):
        def readinto(self, buffer: Any) -> int:
            if not others:
                others.append(door.call("POST", "customer/payments/webhook", data=b"{}").status_code)
            return super().readinto(buffer)

    answer = door.call("POST", "customer/payments/webhook", input_stream=Slow(b"{}"), content_length=2)
    assert (others, answer.status_code) == ([200], 200)


def test_invented_methods_make_no_metrics(door: Door) -> None:
    """Each label's value stays in the memory of the process for good."""
    for number in range(3):
        assert door.call(f"METHOD{number}", "customer/search").status_code == 405
    methods = {
        sample.labels["method"]
        for family in metrics.http_seconds.collect()
        for sample in family.samples
        if "method" in sample.labels
    }
    assert "other" in methods
    assert not {method for method in methods if method.startswith("METHOD")}


def test_nobody_is_kept_out_of_the_log_by_a_header(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    """Who says that it opens a socket, and does not, is logged like everyone."""
    caplog.set_level(logging.INFO, "services.gateway.responses")
    for headers in ({"Upgrade": "websocket"}, {"Upgrade": "websocket", "Connection": "Upgrade"}):
        caplog.clear()
        door.call("GET", "auth/me", headers=headers)
        assert [record.message for record in caplog.records] == ["request"]


def test_a_redirect_is_never_to_an_address_of_the_clients_choice(door: Door) -> None:
    """The Host header is the client's; a shared cache may hand its redirect to others."""
    for path in ("/api//v1/auth/me", "//evil.test//api/v1/auth/me"):
        answer = door.app.test_client().get(path, headers={"Host": "evil.test"})
        assert problem_of(answer)["code"] == "not_found"


def test_a_preflight_has_its_id_too(door: Door) -> None:
    """promise A7: every response can be asked about."""
    answer = door.call("OPTIONS", "auth/login", headers={"Access-Control-Request-Method": "POST"})
    assert (answer.status_code, len(answer.headers["X-Request-Id"])) == (204, 36)
