"""gunicorn's response, whose head and body leave together: it would send the one, then the other."""

from typing import Any

from gunicorn.http import wsgi


class _Collected:
    """Stands for the socket while gunicorn writes."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def sendall(self, piece: bytes) -> None:
        self.pieces.append(piece)


class Response(wsgi.Response):  # type: ignore[misc]
    """Sends an answer that is there as a whole at once: for the client one packet less, for us one call of
    the kernel, of which a short answer has few. What comes in pieces goes in pieces."""

    sock: Any

    def write(self, arg: bytes) -> None:
        """gunicorn calls it for each piece of the body."""
        if self.headers_sent or self.chunked or len(arg) != self.response_length:
            super().write(arg)
            return
        client = self.sock
        self.sock = collected = _Collected()
        try:
            super().write(arg)
        finally:
            self.sock = client
        whole = b"".join(collected.pieces)
        # gevent's sendall asks the kernel for the size of its buffer each time.
        sent = client.send(whole)
        if sent < len(whole):
            client.sendall(whole[sent:])


def install() -> None:
    """Let gunicorn make these: it has no setting for it."""
    wsgi.Response = Response
