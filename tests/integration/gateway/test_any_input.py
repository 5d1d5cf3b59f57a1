"""Whatever the document allows, and what it forbids: no failure of ours, no answer that it does not state."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

from services.gateway.accounts.tokens import Principal
from services.gateway.export_openapi import document
from shared import clock
from shared.ids import new_id
from tests.contract.messages import ANSWERS
from tests.fixtures.customer import new_address
from tests.integration.gateway.gateway_process import Gateway

EXAMPLES = 5
UNEXPECTED = {"put", "options"}
"""Methods that a path does not have: one that some have, and one that Flask would answer by itself."""
NOT_OURS = [
    positive_data_acceptance,  # there are rules that a schema can't state: time zones, dates, amounts
    ignored_auth,  # asks again from an address of its own, and meets the limits; see test_routes
]


@pytest.fixture(scope="module")
def line() -> Iterator[requests.Session]:
    """One connection for all requests; nobody looks for a proxy in the environment before each."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def answering(gateway: Gateway) -> Gateway:
    """Services that answer every request with the example of their contract."""
    for method, answer in ANSWERS.items():
        gateway.backstage.scripts[method] = lambda _, answer=answer: answer  # type: ignore[misc]
    return gateway


def _token(gateway: Gateway) -> str:
    return gateway.tokens.sign(
        Principal(
            user_id=new_id(),
            session_id=new_id(),
            roles=("customer", "admin"),
            memberships=(),
            locale="en",
            token_version=1,
            expires_at=clock.now() + timedelta(minutes=15),
        )
    )


class Asked:
    """Which operations were asked with values of which fields, so that the same is not asked a hundred times.

    Fields of one name are mostly of one kind, so one operation is asked with every wrong value and every
    choice of it, and each other one with the first of them: that shows whether it looks at the field.
    """

    def __init__(self) -> None:
        self._operations: dict[tuple[str, ...], list[str]] = {}

    def is_known(self, case: Any) -> bool:
        """Whether it is one more value of a field that another operation is asked with all of."""
        phase = case.meta.phase
        operation: str = case.operation.label
        if phase.name is not TestPhase.COVERAGE:
            return False
        field = (str(phase.data.parameter_location), str(phase.data.parameter), str(phase.data.description))
        operations = self._operations.setdefault(field, [])
        if operation not in operations:
            operations.append(operation)
            return False
        return operations[0] != operation


api = schemathesis.openapi.from_dict(document())
api.config.phases.coverage.unexpected_methods = UNEXPECTED
asked = Asked()


@api.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
def test_any_input(answering: Gateway, line: requests.Session, case: Any) -> None:
    """promise H5, promise I8: each request from an address and an account of its own."""
    if asked.is_known(case):
        return
    headers = {"X-Forwarded-For": new_address(), "Authorization": f"Bearer {_token(answering)}"}
    response = case.call(base_url=answering.url, headers=headers, session=line, timeout=10)
    if response.status_code == 504:  # a machine that stood still: do as the answer says
        response = case.call(base_url=answering.url, headers=headers, session=line, timeout=10)
    if response.status_code == 414:
        return  # gunicorn's own, before the app
    too_large = [negative_data_rejection] if response.status_code == 413 else []  # refused before it is read
    case.validate_response(response, headers=headers, excluded_checks=[*NOT_OURS, *too_large])
