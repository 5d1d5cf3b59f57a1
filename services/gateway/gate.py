"""What every request passes before its view: who asks, whether they may, whether too often."""

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException

from services.gateway import context
from services.gateway.accounts.tokens import Principal
from services.gateway.blueprint import Access, Budget, Declaration, declaration_of
from services.gateway.context import RequestContext
from services.gateway.problems import token_invalid, unauthenticated
from services.gateway.process import resources
from shared import clock
from shared.contracts.declaration import Role
from shared.errors import ServiceError, forbidden

UNROUTED = Declaration(Access.ANYONE, Budget.OTHER)
"""What matches no route counts as well, so that nobody probes without end."""
ROLES = {Access.CUSTOMER: Role.CUSTOMER, Access.ADMIN: Role.ADMIN}
"""What an account must be to pass; whether it may see the object is the owner's matter."""
BEARER = "bearer "
WITHOUT_TOKEN = frozenset({Budget.UNLIMITED, Budget.SIGN_IN, Budget.SESSION})
"""Where no token is read. Clients send their old one with everything, to `auth/refresh` too; and an
account is no reason to try more passwords from one address."""


def install(app: Flask) -> None:
    """Put the gate before every view."""
    app.before_request(_open)


def check_all_declared(app: Flask) -> None:
    """Raise RuntimeError for a view that does not say who may call it: the process must not start."""
    silent = [name for name, view in app.view_functions.items() if declaration_of(view) is None]
    if silent:
        raise RuntimeError(f"these routes declare neither access nor limit: {', '.join(sorted(silent))}")


def _open() -> None:
    held = resources()
    current = context.open_context(request, held.proxies, clock.monotonic())
    view = current_app.view_functions.get(request.endpoint or "")
    declared = (view and declaration_of(view)) or UNROUTED
    refusal: ServiceError | None = None
    try:
        current.principal = _principal(declared)
    except ServiceError as error:
        # Counted before it is refused: guessing tokens is not free.
        refusal = error
    account = current.principal.user_id if current.principal else ""
    held.limits.check(declared.budget, account, current.client_address)
    if refusal is not None:
        raise refusal
    if isinstance(request.routing_exception, HTTPException):
        raise request.routing_exception
    _check_access(declared.access, current)


def _principal(declared: Declaration) -> Principal | None:
    """Who a bearer token names; none is read where none is due. Raises `token_invalid`, `token_expired`."""
    header = request.headers.get("Authorization", "")
    if not header or declared.budget in WITHOUT_TOKEN:
        return None
    if not header.lower().startswith(BEARER):
        raise token_invalid("The Authorization header has to be 'Bearer <access token>'.")
    return resources().tokens.verify(header[len(BEARER) :].strip())


def _check_access(access: Access, current: RequestContext) -> None:
    if access in (Access.ANYONE, Access.STRIPE):
        return
    if current.principal is None:
        raise unauthenticated()
    role = ROLES.get(access)
    if role is not None and role not in current.principal.roles:
        raise forbidden()
