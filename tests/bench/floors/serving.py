"""Runs a floor's service until it is ended; says when it answers."""

import os
import sys
from typing import Any

import nameko
from nameko.runners import ServiceRunner


def serve(service: type[Any]) -> None:
    """With so many workers as the service that it is compared with."""
    workers = int(os.environ["MAX_WORKERS"])
    nameko.config.setup(
        {"AMQP_URI": os.environ["AMQP_URI"], "max_workers": workers, "PREFETCH_COUNT": workers}
    )
    runner = ServiceRunner()
    runner.add_service(service)
    runner.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    runner.wait()
