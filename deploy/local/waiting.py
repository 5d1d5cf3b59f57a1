"""Waiting for a condition, with a deadline: nothing in the launcher sleeps and hopes."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus

_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 0.2  # each look takes time from those who are waited for
_SLOWER = 1.2


def wait_until(condition: Callable[[], bool], timeout_seconds: float) -> bool:
    """True as soon as `condition` holds; False when it still does not at the deadline."""
    deadline = time.monotonic() + timeout_seconds
    pause = _PAUSE_SECONDS
    while True:
        if condition():
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
        pause = min(pause * _SLOWER, _LONGEST_PAUSE_SECONDS)


def answers_ok(url: str, timeout_seconds: float = 2.0) -> bool:
    """True when a GET of the address is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=timeout_seconds) as response:  # noqa: S310 (our own loopback addresses)
            return bool(response.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def exchange(port: int, request: bytes, answer_bytes: int, timeout_seconds: float = 2.0) -> bytes:
    """What a server on loopback answers to `request`, up to `answer_bytes`; empty when it doesn't."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=timeout_seconds) as connection:
            connection.sendall(request)
            return connection.recv(answer_bytes)
    except OSError:
        return b""
