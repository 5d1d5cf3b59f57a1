"""Keeps every request to Stripe as it was made, for test runs that hold all against its specification."""

import json
import os
from collections.abc import Callable
from typing import Any

Record = Callable[[str, dict[str, Any]], None]
"""(operation, parameters before anything is left out for a stand-in)."""


def record_nothing(operation: str, params: dict[str, Any]) -> None:
    """Outside of tests no request is kept."""


def record_to(path: str) -> Record:
    """Append one line of JSON for each request; many processes may write one file."""

    def record(operation: str, params: dict[str, Any]) -> None:
        line = json.dumps({"operation": operation, "params": params}) + "\n"
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)

    return record if path else record_nothing
