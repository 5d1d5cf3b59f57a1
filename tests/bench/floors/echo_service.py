"""A bare nameko service that answers what it got: `python -m tests.bench.floors.echo_service`.

Reads AMQP_URI and MAX_WORKERS; says `ready` when it listens.
"""

import warnings

warnings.filterwarnings("ignore", message="\nEventlet is deprecated")

import eventlet  # noqa: E402 - nothing may be imported before it is patched

eventlet.monkey_patch()

from nameko.rpc import rpc  # noqa: E402

from tests.bench.floors.serving import serve  # noqa: E402


class EchoService:
    """One method."""

    name = "echo"

    @rpc  # type: ignore[untyped-decorator]
    def echo(self, text: str) -> str:
        return text


if __name__ == "__main__":
    serve(EchoService)
