"""Answers for what the stand-in does not know, from files, on a test's order: no behaviour, only shapes."""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from deploy.local.standin.proxy.keys import Answer

FOLDER = Path(__file__).parents[1] / "fixtures"


class Fixtures:
    """What is ordered for each operation, until the next order."""

    def __init__(self) -> None:
        self._ordered: dict[str, Answer] = {}
        self._over: dict[str, dict[str, Any]] = {}

    def order(self, document: dict[str, dict[str, Any]]) -> None:
        """Replace all orders by `{operation: {"file": name, "with": {member: value}, "status": 200}}`.

        `{operation: {"over": {member: value}}}` passes the call on, and lays these members over those of
        the answer: what the stand-in's object lacks. Raises ValueError for a file that is not there.
        """
        self._ordered = {name: _answer(one) for name, one in document.items() if "over" not in one}
        self._over = {name: dict(one["over"]) for name, one in document.items() if "over" in one}

    def for_request(self, operation: str) -> Answer | None:
        """The answer that is ordered for this operation, if any."""
        return self._ordered.get(operation)

    def over(self, operation: str, answer: Answer) -> Answer:
        """The stand-in's answer with the members that are ordered for it; a refusal stays as it is."""
        members = self._over.get(operation)
        if members is None or answer.status != HTTPStatus.OK:
            return answer
        return replace(answer, body=json.dumps(_laid_over(json.loads(answer.body), members)).encode())


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


def _laid_over(under: Any, members: dict[str, Any]) -> dict[str, Any]:
    """The object with these members; objects within it keep those of theirs that are not named."""
    merged = dict(under) if isinstance(under, dict) else {}
    for name, value in members.items():
        merged[name] = _laid_over(merged.get(name), value) if isinstance(value, dict) else value
    return merged
