"""The gateway's gunicorn settings with a worker that takes its time between its fork and its first line."""

import os
import time
from pathlib import Path
from typing import Any

SLOW_SECONDS = 1.0

settings = Path("services/gateway/gunicorn.conf.py")
exec(compile(settings.read_text(encoding="utf-8"), settings, "exec"))  # noqa: S102 - as gunicorn does it

_as_always = globals()["post_fork"]


def post_fork(server: Any, worker: Any) -> None:
    """Say that the worker is there, long before it can hear a signal."""
    Path(os.environ["SLOW_FORK_FLAG"]).touch()
    time.sleep(SLOW_SECONDS)
    _as_always(server, worker)
