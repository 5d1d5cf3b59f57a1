"""Answers for what the stand-in does not know, from files, on a test's order: no behaviour, only shapes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from deploy.local.standin.proxy.keys import Answer

FOLDER = Path(__file__).parents[1] / "fixtures"


class Fixtures:
    """What is ordered for each operation, until the next order."""

    def __init__(self) -> None:
        self._ordered: dict[str, Answer] = {}

    def order(self, document: dict[str, dict[str, Any]]) -> None:
        """Replace all orders by `{operation: {"file": name, "with": {member: value}, "status": 200}}`.

        Raises ValueError for a file that is not there.
        """
        self._ordered = {operation: _answer(one) for operation, one in document.items()}

    def for_request(self, operation: str) -> Answer | None:
        """The answer that is ordered for this operation, if any."""
        return self._ordered.get(operation)


def read(name: str) -> dict[str, Any]:
    """An object of Stripe's as the file of this name has it. Raises ValueError."""
    path = FOLDER / f"{name}.json"
    if path.parent != FOLDER or not path.exists():
        raise ValueError(f"no fixture {name}")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _answer(order: dict[str, Any]) -> Answer:
    body = read(str(order["file"])) | order.get("with", {})
    return Answer(int(order.get("status", 200)), json.dumps(body).encode())
