"""How orders reach the supervisor: a Unix socket in the instance's folder, one JSON line each way."""

from __future__ import annotations

import json
import os
import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from deploy.local.failure import LaunchError

Request = dict[str, Any]
Answer = dict[str, Any]

_NAME = "control.sock"
_PATIENCE_SECONDS = 5.0
_LARGEST_LINE = 1_000_000


class ControlSocket:
    """The supervisor's end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> ControlSocket:
        (self._folder / _NAME).unlink(missing_ok=True)
        with _short_path(self._folder) as path:
            self._listener.bind(path)
        (self._folder / _NAME).chmod(0o600)
        self._listener.listen(16)
        self._selector.register(self._listener, selectors.EVENT_READ)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._selector.close()
        self._listener.close()
        (self._folder / _NAME).unlink(missing_ok=True)

    def serve(self, answer: Callable[[Request], Answer], timeout_seconds: float) -> None:
        """Answer those who wait; return after the timeout or after one order."""
        if not self._selector.select(timeout_seconds):
            return
        connection, _ = self._listener.accept()
        with connection:
            connection.settimeout(_PATIENCE_SECONDS)
            try:
                reply = answer(json.loads(_read_line(connection)))
            except (OSError, ValueError, KeyError) as error:
                reply = {"error": f"{type(error).__name__}: {error}"}
            try:
                connection.sendall(json.dumps(reply).encode() + b"\n")
            except OSError:
                return  # who asked has gone


def order(folder: Path, request: Request) -> Answer | None:
    """Send an order to the supervisor; None when none runs. Raises LaunchError when it refuses."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection, _short_path(folder) as path:
            connection.settimeout(_PATIENCE_SECONDS)
            connection.connect(path)
            connection.sendall(json.dumps(request).encode() + b"\n")
            line = _read_line(connection)
    except OSError:
        return None
    if not line:
        return None
    answer: Answer = json.loads(line)
    if "error" in answer:
        raise LaunchError(f"the supervisor refused {request}: {answer['error']}")
    return answer


@contextmanager
def _short_path(folder: Path) -> Iterator[str]:
    """A path to the socket that fits into the 107 bytes of a socket address however deep the clone lies."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{_NAME}"
    finally:
        os.close(descriptor)


def _read_line(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as file:
        return file.readline(_LARGEST_LINE)
