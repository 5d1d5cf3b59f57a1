"""Sockets of clients that send nonsense, read slowly or want too much."""

import socket
from contextlib import closing
from functools import partial

import pytest
import requests
import websocket

from services.gateway.realtime.hub import MAX_SOCKETS_PER_USER
from services.gateway.realtime.outgoing import MAX_WAITING
from services.gateway.realtime.server import MAX_PENDING_FRAMES
from shared.contracts import booking_events
from shared.ids import new_id
from tests.contract import values
from tests.fixtures.waiting import wait_until
from tests.integration.realtime.conftest import SocketGateway

DAY = "2027-01-15"
EMPTY_FRAME = b"\x81\x82\x00\x00\x00\x00{}"
BURST = 90
FLOOD = 900
"""Messages of 8 KB: more than the buffers of a connection hold."""


def test_nonsense_is_answered_with_errors(gateway: SocketGateway) -> None:
    """promise E1."""
    with gateway.connect(new_id()) as client:
        client.send_text("{")
        client.send("shout")
        client.wait_for("error", code="malformed_json")
        client.wait_for("error", code="unknown_event")


def test_a_frame_that_is_too_long_closes(gateway: SocketGateway) -> None:
    """promise E3: and nothing of the socket is left in the process."""
    before = gateway.open_sockets()
    with gateway.connect(new_id()) as client:
        client.send("ping")
        client.wait_for("pong")
        client.send_text("x" * 20_000)
        assert client.wait_closed() == 1009
    wait_until(lambda: gateway.open_sockets() <= before, "the hub to forget the socket")


def test_frames_that_come_faster_than_answers_close(gateway: SocketGateway) -> None:
    """promise E3, promise I1: and whoever looks at the metrics sees it."""
    before = gateway.flooded_sockets()
    with gateway.connect(new_id()) as client:
        client.send_bytes(EMPTY_FRAME * 4 * MAX_PENDING_FRAMES)
        assert client.wait_closed() == 1008
    assert gateway.flooded_sockets() == before + 1


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x81\x00\x00\x00\x00\xff", 1007),  # a text that is not UTF-8
        (b"\x83\x80\x00\x00\x00\x00", 1002),  # an opcode that does not exist
        (b"\x81\x01x", 1002),  # a client's frame without a mask
    ],
)
def test_a_broken_frame_closes(gateway: SocketGateway, frame: bytes, code: int) -> None:
    before = gateway.open_sockets()
    with gateway.connect(new_id()) as client:
        client.send("ping")
        client.wait_for("pong")
        client.send_bytes(frame)
        assert client.wait_closed() == code
    wait_until(lambda: gateway.open_sockets() <= before, "the hub to forget the socket")


@pytest.mark.parametrize("headers", [{}, {"Sec-WebSocket-Key": "x", "Sec-WebSocket-Version": "7"}])
def test_a_broken_handshake_is_refused(gateway: SocketGateway, headers: dict[str, str]) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    answer = requests.get(f"{gateway.url}/realtime", headers=upgrade | headers, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed_request"


def test_a_slow_reader_harms_nobody_and_is_dropped(gateway: SocketGateway) -> None:
    """promise E3: the others go on hearing at once; its socket is closed in the end."""
    provider = new_id()
    with (
        gateway.connect(new_id()).watch_day(provider, DAY) as quick,
        closing(_mute_client(gateway, provider)),
    ):
        before = gateway.open_sockets()
        heard = partial(quick.of, "availability-updated")
        padding = [new_id() for _ in range(200)]
        data = values.availability_changed() | {"provider_id": provider, "service_ids": padding}
        for sent in range(BURST, FLOOD + 1, BURST):
            gateway.publish(booking_events.AVAILABILITY_CHANGED, data, provider, None, times=BURST)
            wait_until(lambda sent=sent: len(heard()) >= sent or not quick.is_open, "a burst")  # type: ignore[misc]
            assert len(heard()) == sent
        wait_until(lambda: gateway.open_sockets() == before - 1, "the slow socket's end", seconds=30)


def test_a_burst_drops_no_quick_reader(gateway: SocketGateway) -> None:
    """promise E3: more messages at once than a socket's queue holds."""
    provider = new_id()
    data = values.availability_changed() | {"provider_id": provider}
    with gateway.connect(new_id()).watch_day(provider, DAY) as client:
        gateway.publish(booking_events.AVAILABILITY_CHANGED, data, provider, None, times=4 * MAX_WAITING)
        wait_until(lambda: len(client.of("availability-updated")) == 4 * MAX_WAITING, "the whole burst")
        assert not client.of("resync-required")


def test_sockets_of_one_user_are_bounded(gateway: SocketGateway) -> None:
    user = new_id()
    clients = [gateway.connect(user) for _ in range(MAX_SOCKETS_PER_USER)]
    for client in clients:
        client.send("ping")
        client.wait_for("pong")
    with gateway.connect(user) as one_more:
        assert one_more.wait_closed() == 4429
    for client in clients:
        client.close()


def _mute_client(gateway: SocketGateway, provider: str) -> websocket.WebSocket:
    """A client with a small buffer that subscribes and then reads nothing."""
    client = websocket.create_connection(
        gateway.url.replace("http", "ws", 1) + "/realtime",
        sockopt=((socket.SOL_SOCKET, socket.SO_RCVBUF, 4096),),
        header=[f"Authorization: Bearer {gateway.token(new_id())}"],
        timeout=10,
    )
    data = f'{{"providerId": "{provider}", "date": "{DAY}"}}'
    client.send(f'{{"event": "subscribe-provider-availability", "data": {data}}}')
    assert "subscribed" in client.recv()
    return client
