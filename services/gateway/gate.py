"""What every request passes before its view: who asks, whether they may, whether too often."""

from collections.abc import Callable
from functools import partial

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from services.gateway import context
from services.gateway.accounts.tokens import AccessTokens, Principal
from services.gateway.blueprint import Access, Budget, Declaration, declaration_of
from services.gateway.context import RequestContext
from services.gateway.limits import Limits
from services.gateway.problems import refuse, token_invalid, unauthenticated
from services.gateway.process import resources
from shared import clock
from shared.contracts.declaration import Role
from shared.errors import ServiceError, forbidden

UNROUTED = Declaration(Access.ANYONE, Budget.OTHER)
"""What matches no route counts as well, so that nobody probes without end."""
ROLES = {Access.CUSTOMER: Role.CUSTOMER, Access.ADMIN: Role.ADMIN}
"""What an account must be to pass; whether it may see the object is the owner's matter."""
BEARER = "bearer "
OWED = "care.owed"
"""Where a request's environment tells that, and how, it was counted before Flask read it."""
WITHOUT_TOKEN = frozenset({Budget.UNLIMITED, Budget.SIGN_IN, Budget.SESSION})
"""Where no token is read. Clients send their old one with everything, to `auth/refresh` too; and an
account is no reason to try more passwords from one address."""


def install(app: Flask) -> None:
    """Put the gate before every view. What others do to responses has to be installed before it."""
    app.before_request(_open)
    app.after_request(_count_what_is_owed)


def check_all_declared(app: Flask) -> None:
    """Raise RuntimeError for a view that does not say who may call it: the process must not start."""
    silent = [name for name, view in app.view_functions.items() if declaration_of(view) is None]
    if silent:
        raise RuntimeError(f"these routes declare neither access nor limit: {', '.join(sorted(silent))}")


class Owed:
    """Counts a request against its limits when it is called, and no second time; a refusal stays one."""

    def __init__(self, count: Callable[[], None]) -> None:
        self._count = count
        self._refusal: ServiceError | None = None
        self.is_counted = False

    def __call__(self) -> None:
        """Raises `rate_limited`."""
        if not self.is_counted:
            self.is_counted = True
            try:
                self._count()
            except ServiceError as refusal:
                self._refusal = refusal
        if self._refusal is not None:
            raise self._refusal


def owed_by(principal: Principal | None, address: str, declaration: Declaration, limits: Limits) -> Owed:
    """What a request counts as: one of an account and of its address, or of a stranger's."""
    account = principal.user_id if principal else ""
    return Owed(partial(limits.check, declaration.budget, account, address))


def principal_of(authorization: str, declaration: Declaration, tokens: AccessTokens) -> Principal | None:
    """Who a bearer token names; none is read where none is due. Raises `token_invalid`, `token_expired`."""
    if not authorization or declaration.budget in WITHOUT_TOKEN:
        return None
    if not authorization.lower().startswith(BEARER):
        raise token_invalid("The Authorization header has to be 'Bearer <access token>'.")
    return tokens.verify(authorization[len(BEARER) :].strip())


def declared() -> Declaration:
    """What the route of the request in work says about itself."""
    view = current_app.view_functions.get(request.endpoint or "")
    return (view and declaration_of(view)) or UNROUTED


def _open() -> None:
    held = resources()
    current = context.open_context(request, held.proxies, clock.monotonic())
    declaration = declared()
    refusal: ServiceError | None = None
    try:
        authorization = request.headers.get("Authorization", "")
        current.principal = principal_of(authorization, declaration, held.tokens)
    except ServiceError as error:
        # Counted before it is refused: guessing tokens is not free.
        refusal = error
    g.owed = request.environ.get(OWED) or owed_by(
        current.principal, current.client_address, declaration, held.limits
    )
    if refusal is not None or not declaration.is_cached:
        g.owed()
    if refusal is not None:
        raise refusal
    if isinstance(request.routing_exception, HTTPException):
        raise request.routing_exception
    _check_access(declaration.access, current)


def owed() -> Owed:
    """What the request in work counts as."""
    count: Owed = g.owed
    return count


def _count_what_is_owed(response: Response) -> Response:
    """What did not come to the cache is counted too: bad questions are not free."""
    count: Owed | None = g.get("owed")
    if count is None or count.is_counted:
        return response
    try:
        count()
    except ServiceError as refusal:
        return refuse(refusal)
    return response


def _check_access(access: Access, current: RequestContext) -> None:
    if access in (Access.ANYONE, Access.STRIPE):
        return
    if current.principal is None:
        raise unauthenticated()
    role = ROLES.get(access)
    if role is not None and role not in current.principal.roles:
        raise forbidden()
