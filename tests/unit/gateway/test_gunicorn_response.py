"""What leaves in one call and what in pieces; that clients read it is tested through the running gateway."""

from typing import Any

import pytest
from gunicorn.config import Config

from services.gateway.gunicorn_response import Response


class Client:
    """A socket whose kernel takes `room` bytes of each send."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.calls: list[bytes] = []

    def send(self, data: bytes) -> int:
        self.calls.append(data[: self.room])
        return len(self.calls[-1])

    def sendall(self, data: bytes) -> None:
        self.calls.append(data)


class Asked:
    """As much of gunicorn's request as its response reads."""

    version = (1, 1)

    def __init__(self, method: str) -> None:
        self.method = method

    def should_close(self) -> bool:
        return False


def _answered(
    pieces: list[bytes], headers: list[tuple[str, str]], method: str = "GET", room: int = 10**6
) -> Any:
    client = Client(room)
    response = Response(Asked(method), client, Config())
    response.start_response("200 OK", headers)
    for piece in pieces:
        response.write(piece)
    response.close()
    return client.calls


@pytest.mark.parametrize("room", [10**6, 1, 100])
def test_a_whole_answer_goes_at_once(room: int) -> None:
    calls = _answered([b"whole"], [("Content-Length", "5")], room=room)
    head, body = b"".join(calls).split(b"\r\n\r\n")
    assert (body, b"Content-Length: 5" in head) == (b"whole", True)
    assert len(calls) == (1 if room > 1000 else 2)


def test_pieces_go_as_they_come() -> None:
    calls = _answered([b"in ", b"two"], [("Content-Length", "6")])
    assert calls[1:] == [b"in ", b"two"]
    chunked = _answered([b"in ", b"two"], [])
    assert b"".join(chunked).endswith(b"\r\n\r\n3\r\nin \r\n3\r\ntwo\r\n0\r\n\r\n")


def test_nobody_gets_a_body_who_asked_for_none() -> None:
    assert b"".join(_answered([b"whole"], [("Content-Length", "5")], "HEAD")).endswith(b"\r\n\r\n")
