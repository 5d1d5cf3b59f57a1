"""A bare nameko service that answers what it got: `python -m tests.bench.floors.echo_service`.

Reads AMQP_URI and MAX_WORKERS; says `ready` when it listens.
"""

import os
import sys
import warnings

warnings.filterwarnings("ignore", message="\nEventlet is deprecated")

import eventlet  # noqa: E402 - nothing may be imported before it is patched

eventlet.monkey_patch()

import nameko  # noqa: E402
from nameko.rpc import rpc  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402


class EchoService:
    """One method."""

    name = "echo"

    @rpc  # type: ignore[untyped-decorator]
    def echo(self, text: str) -> str:
        return text


def main() -> None:
    workers = int(os.environ["MAX_WORKERS"])
    nameko.config.setup(
        {"AMQP_URI": os.environ["AMQP_URI"], "max_workers": workers, "PREFETCH_COUNT": workers}
    )
    runner = ServiceRunner()
    runner.add_service(EchoService)
    runner.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    runner.wait()


if __name__ == "__main__":
    main()
