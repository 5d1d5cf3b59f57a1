"""Who may open a socket, for how long, and what it may ask for."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import simple_websocket

from services.gateway.accounts.tokens import Principal
from services.gateway.problems import token_invalid
from services.gateway.realtime import conversation
from services.gateway.realtime.conversation import Conversation, Surroundings
from services.gateway.realtime.hub import Hub
from services.gateway.realtime.outgoing import Outgoing
from services.gateway.realtime.protocol import RESYNC_REQUIRED
from services.gateway.realtime.relay import Binding
from tests.contract import values
from tests.fixtures.waiting import wait_until
from tests.unit.realtime.sockets import FakeRelay, FakeSocket

NOW = datetime(2027, 1, 11, 9, 30, tzinfo=UTC)


def _principal(user_id: str = values.USER, *memberships: str, seconds: float = 900) -> Principal:
    return Principal(
        user_id=user_id,
        session_id=values.STAFF,
        roles=("customer",),
        memberships=memberships,
        locale="en",
        token_version=1,
        expires_at=NOW + timedelta(seconds=seconds),
    )


TOKENS = {
    "mine": _principal(),
    "renewed": _principal(values.USER, values.PROVIDER),
    "theirs": _principal(values.OTHER_USER),
    "short": _principal(seconds=0.5),
}


def _verify(token: str) -> Principal:
    try:
        return TOKENS[token]
    except KeyError:
        raise token_invalid() from None


class Talk:
    """Holds a conversation with a client that sends these frames, then leaves."""

    def __init__(self, *frames: tuple[str, dict[str, Any]], header: str = "", patience: bool = False) -> None:
        self.relay = FakeRelay()
        self.hub = Hub(100)
        self.hub.relay = self.relay
        self.socket = FakeSocket(
            *(json.dumps({"event": event, "data": data}) for event, data in frames), patience=patience
        )
        self.bound_at_end: set[Binding] = set()
        self._header = header

    def hold(self, before: Callable[["Talk"], None] = lambda talk: None) -> list[dict[str, Any]]:
        before(self)
        around = Surroundings(self.hub, _verify, lambda: NOW, lambda: 0.0)
        leave = self.hub.leave

        def remember(*arguments: Any) -> None:
            self.bound_at_end = set(self.relay.bound)
            leave(*arguments)

        self.hub.leave = remember  # type: ignore[method-assign, assignment]
        with pytest.raises(simple_websocket.ConnectionClosed):
            Conversation(self.socket, around).hold(self._header)
        wait_until(lambda: self.socket.closed or self.socket.is_aborted, "the writer's end")
        return [json.loads(text) for text in self.socket.sent]

    @property
    def close_code(self) -> int | None:
        assert self.socket.closed
        return self.socket.closed[0]


def _sign_in(token: str = "mine") -> tuple[str, dict[str, Any]]:  # noqa: S107
    return ("authenticate", {"token": token})


def _availability(day: str) -> tuple[str, dict[str, Any]]:
    return ("subscribe-provider-availability", {"providerId": values.PROVIDER, "date": day})


def _codes(answers: list[dict[str, Any]]) -> list[str]:
    return [answer["data"].get("code", "") for answer in answers if answer["event"] == "error"]


def test_the_token_comes_in_the_first_frame_or_in_the_header() -> None:
    """promise E1."""
    assert Talk(_sign_in(), ("ping", {})).hold()[-1]["event"] == "pong"
    assert Talk(("ping", {}), header="Bearer mine").hold()[-1]["event"] == "pong"


@pytest.mark.parametrize("header", ["Bearer forged", "Basic mine", "mine"])
def test_a_bad_header_closes_with_4401(header: str) -> None:
    talk = Talk(("ping", {}), header=header)
    assert _codes(talk.hold()) == ["token_invalid"]
    assert talk.close_code == 4401


def test_a_bad_first_token_closes_with_4401() -> None:
    """promise E1."""
    talk = Talk(_sign_in("forged"), ("ping", {}))
    assert _codes(talk.hold()) == ["token_invalid"]
    assert talk.close_code == 4401


def test_no_token_in_time_closes_with_4401() -> None:
    """promise E1."""
    talk = Talk(patience=True)
    talk.hold()
    assert talk.socket.timeouts[0] == conversation.AUTHENTICATE_SECONDS
    assert talk.close_code == 4401


def test_without_a_token_nothing_is_answered() -> None:
    talk = Talk(_availability("2027-01-15"), ("subscribe-booking-updates", {}), ("ping", {}))
    assert _codes(talk.hold()) == ["unauthenticated"] * 3
    assert not talk.bound_at_end


def test_an_expired_token_closes_with_4401() -> None:
    """rule B14."""
    talk = Talk(_sign_in("short"), patience=True)
    talk.hold()
    assert talk.socket.timeouts[1] == 0.5
    assert talk.close_code == 4401


def test_a_new_token_prolongs() -> None:
    """rule B14."""
    talk = Talk(_sign_in("short"), _sign_in("mine"), patience=True)
    talk.hold()
    assert talk.socket.timeouts[2] == 900


def test_another_account_s_token_does_not_prolong() -> None:
    talk = Talk(_sign_in(), _sign_in("theirs"), ("ping", {}))
    assert _codes(talk.hold()) == ["token_invalid"]
    assert talk.socket.sent[-1] == '{"event":"pong","data":{}}'


def test_bookings_watched_are_one_s_own_and_those_of_one_s_providers() -> None:
    """rule B11."""
    customer = Talk(_sign_in(), ("subscribe-booking-updates", {}))
    assert customer.hold()[-1]["data"] == {"subscription": "booking-updates"}
    assert {binding.routing_key for binding in customer.bound_at_end} == {f"*.*.{values.USER}"}
    member = Talk(_sign_in("renewed"), ("subscribe-booking-updates", {}))
    member.hold()
    assert {binding.routing_key for binding in member.bound_at_end} == {
        f"*.*.{values.USER}",
        f"*.{values.PROVIDER}.*",
    }


def test_a_renewed_token_changes_whose_bookings_are_watched() -> None:
    """rule B14."""
    gained = Talk(_sign_in("mine"), ("subscribe-booking-updates", {}), _sign_in("renewed"))
    gained.hold()
    assert f"*.{values.PROVIDER}.*" in {binding.routing_key for binding in gained.bound_at_end}
    lost = Talk(_sign_in("renewed"), ("subscribe-booking-updates", {}), _sign_in("mine"))
    lost.hold()
    assert {binding.routing_key for binding in lost.bound_at_end} == {f"*.*.{values.USER}"}


def test_subscribed_is_said_only_when_it_is_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    """promise E3."""
    monkeypatch.setattr(conversation, "IN_FORCE_SECONDS", 0.05)

    def without_broker(talk: Talk) -> None:
        talk.relay.is_answering = False

    talk = Talk(_sign_in(), _availability("2027-01-15"))
    assert _codes(talk.hold(without_broker)) == ["unavailable"]
    assert not talk.bound_at_end


def test_subscriptions_are_bounded() -> None:
    """promise E3."""
    days = [f"2027-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 29)]
    answers = Talk(_sign_in(), *(_availability(day) for day in days)).hold()
    assert [answer["event"] for answer in answers].count("subscribed") == conversation.MAX_SUBSCRIPTIONS
    assert set(_codes(answers)) == {"too_many_subscriptions"}


@pytest.mark.parametrize(
    ("data", "left"),
    [
        ({}, set()),
        ({"subscription": "booking-updates"}, {f"availability_changed.{values.PROVIDER}.*"}),
        ({"subscription": "provider-availability"}, {f"*.*.{values.USER}"}),
        (
            {"subscription": "provider-availability", "providerId": values.PROVIDER, "date": "2027-01-16"},
            {f"*.*.{values.USER}", f"availability_changed.{values.PROVIDER}.*"},
        ),
    ],
)
def test_unsubscribe_ends_what_it_names(data: dict[str, Any], left: set[str]) -> None:
    talk = Talk(
        _sign_in(),
        _availability("2027-01-15"),
        _availability("2027-01-16"),
        ("subscribe-booking-updates", {}),
        ("unsubscribe", data),
    )
    assert talk.hold()[-1]["event"] == "unsubscribed"
    assert {binding.routing_key for binding in talk.bound_at_end} == left


def test_resume_is_answered_with_resync_required() -> None:
    """promise E3."""
    assert Talk(_sign_in(), ("resume", {"after": values.EVENT})).hold()[-1]["event"] == "resync-required"


def test_nonsense_is_answered_and_the_conversation_goes_on() -> None:
    assert _codes(Talk(_sign_in(), ("shout", {})).hold()) == ["unknown_event"]


def test_a_slow_reader_is_told_to_fetch_afresh_and_closed() -> None:
    """promise E3: offering never waits, however slow the reader is."""
    socket = FakeSocket()
    socket.gate.clear()
    outgoing = Outgoing(socket, limit=3)
    import threading

    threading.Thread(target=outgoing.write, daemon=True).start()
    outgoing.offer("0")
    assert socket.sending.wait(5)
    for number in range(1, 10):
        outgoing.offer(str(number))
    socket.gate.set()
    assert socket.ended.wait(5)
    assert socket.sent == ["0", RESYNC_REQUIRED]
    assert socket.closed == (1013, "too slow")


def test_what_waits_is_sent_before_a_close() -> None:
    socket = FakeSocket()
    socket.gate.clear()
    outgoing = Outgoing(socket)
    outgoing.offer("a")
    outgoing.close(1001, "going away")
    outgoing.offer("too late")
    socket.gate.set()
    outgoing.write()
    assert socket.sent == ["a"]
    assert socket.closed == (1001, "going away")
