"""Structured logs: one JSON object a line, with trace and request id, never personal data."""

import json
import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from shared import clock

OURS = ("shared", "services")
"""Names that the loggers of our own modules begin with."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that this greenlet works on; travels in the RPC's context data."""
cause_trace_id: ContextVar[str] = ContextVar("cause_trace_id", default="")
"""The trace that caused the event or job in work, whose own trace links to it."""


_encode = json.JSONEncoder(default=str).encode


class JsonFormatter(logging.Formatter):
    """Formats a record as `{time, level, logger, event, service, trace_id, request_id,
    cause_trace_id, ...fields}`; what is empty is left out.

    The message is the event's name; fields come from `extra={"fields": {...}}`. Of an exception
    only types and places are kept: its text may quote what a person wrote.
    """

    def __init__(self, service: str, trace_id: Callable[[], str]) -> None:
        super().__init__()
        self._service = service
        self._trace_id = trace_id

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": clock.to_text(clock.now()),
            "level": record.levelname,
            "logger": record.name,
            "service": self._service,
            "event": record.getMessage(),
            "trace_id": self._trace_id(),
            "request_id": request_id.get(),
            "cause_trace_id": cause_trace_id.get(),
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, Mapping):
            line.update(fields)
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = _places(record.exc_info[1])
        return _encode({key: value for key, value in line.items() if value != ""})


def _places(error: BaseException) -> list[str]:
    """The chain of an exception as types with the places they passed, without their messages."""
    places: list[str] = []
    current: BaseException | None = error
    while current is not None:
        frames = traceback.extract_tb(current.__traceback__)
        trail = " < ".join(f"{frame.name} {frame.filename}:{frame.lineno}" for frame in frames[::-1])
        places.append(f"{type(current).__name__} at {trail}")
        current = current.__cause__ or current.__context__
    return places


def configure(service: str, level: str, trace_id: Callable[[], str] = lambda: "") -> None:
    """Send all logs of this process to standard output as JSON lines.

    Libraries tell nothing below INFO: there some write bodies, and with them names and secrets. Raises
    ValueError for a level that does not exist.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service, trace_id))
    # A record would find out its caller, thread and process, which no line of ours says.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    for ours in OURS:
        logging.getLogger(ours).setLevel(level)
    root.setLevel(max(logging.INFO, logging.getLogger(OURS[0]).level))


def event(logger: logging.Logger, level: int, name: str, **fields: Any) -> None:
    """Log an event by name with fields. Never pass payloads, arguments or personal data."""
    logger.log(level, name, extra={"fields": fields})
