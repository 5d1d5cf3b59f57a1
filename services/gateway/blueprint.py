"""How a route is declared: who may call it, its budget, what it reads and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, wraps
from typing import Any, NoReturn

import flask_smorest
import orjson
from flask import Response, request
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from werkzeug.wrappers import Request

from services.gateway import bodies
from services.gateway.presentation import TolerantSchema, presenter, public_schema
from shared.errors import validation_failed
from shared.fault_points import doing

View = Callable[..., Any]


class Access(StrEnum):
    """Who may call a route. Whether the caller may see the object is the owning service's matter."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    CUSTOMER = "customer"
    ADMIN = "admin"
    STRIPE = "stripe"


class Budget(StrEnum):
    """Which limit a route counts against."""

    SEARCH = "search"
    BOOKING = "booking"
    OTHER = "other"
    SIGN_IN = "sign_in"
    SESSION = "session"
    """Trading and ending refresh tokens: nobody guesses 256 bits, and many people share an address."""
    STATIC = "static"
    HANDSHAKE = "handshake"
    FEED = "feed"
    """Calendar programs, of which a few addresses ask for very many people."""
    UNLIMITED = "unlimited"
    """Never refused by address (webhooks, health, metrics); only a bound on calls in flight."""


@dataclass(frozen=True)
class Declaration:
    """What every route says about itself."""

    access: Access
    budget: Budget
    is_cached: bool = False
    """Counted in the trip to Redis that reads the cache, or after the view; said again to everybody."""


def declares(access: Access, budget: Budget, *, is_cached: bool = False) -> Callable[[View], View]:
    """Declare who may call this view and its limit; a view without it is refused at start."""
    if is_cached and access is not Access.ANYONE:
        raise ValueError("only what anyone may ask for is cached")

    def decorate(view: View) -> View:
        view.declaration = Declaration(access, budget, is_cached)  # type: ignore[attr-defined]
        return view

    return decorate


def declaration_of(view: View) -> Declaration | None:
    declaration: Declaration | None = getattr(view, "declaration", None)
    return declaration


@dataclass(frozen=True)
class Answer:
    """What a view answers: an object as its contract states it (snake_case, money in minor units).

    `limit` is set for lists: the object's `next` then becomes `page`.
    """

    data: Mapping[str, Any]
    status: int = 200
    limit: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class PageSchema(TolerantSchema):
    """Where a list goes on: pass `next` as `cursor`; null on the last page."""

    limit = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True)


class ProblemSchema(TolerantSchema):
    """A refusal by RFC 9457. `code` is stable; `errors` holds texts by field."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    success = fields.Boolean(required=True)
    message = fields.String(required=True)
    code = fields.String(required=True)
    traceId = fields.String(required=True)  # noqa: N815
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    details = fields.Dict()


class StrictParser(FlaskParser):
    """Reads arguments by `bodies`; every fault is a refusal with the field's name."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": RAISE, "query": RAISE}

    def load_json(self, req: Request, schema: Schema) -> Any:
        may_be_left_out = not any(field.required for field in schema.fields.values())
        if may_be_left_out and bodies.has_no_body(request):
            return {}
        return bodies.read_json_object(request, getattr(schema, "most_bytes", bodies.MAX_JSON_BYTES))

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        return bodies.read_query(request)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        messages = error.messages
        for location in ("json", "query"):
            if isinstance(messages, dict) and location in messages:
                messages = messages[location]
        raise validation_failed(errors=messages) from None


# Schemas are handed on as instances: made anew for each request they would cost a tenth of its time.
class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A resource's routes, reading strictly and answering in our envelope."""

    ARGUMENTS_PARSER = StrictParser()

    def get(self, rule: str) -> Callable[[View], View]:
        """Serve the view at GET `rule`; `<id:name>` matches our ids and nothing else."""
        decorate: Callable[[View], View] = self.route(rule, methods=["GET"])
        return decorate

    def post(self, rule: str) -> Callable[[View], View]:
        """Serve the view at POST `rule`."""
        decorate: Callable[[View], View] = self.route(rule, methods=["POST"])
        return decorate

    def patch(self, rule: str) -> Callable[[View], View]:
        """Serve the view at PATCH `rule`."""
        decorate: Callable[[View], View] = self.route(rule, methods=["PATCH"])
        return decorate

    def delete(self, rule: str) -> Callable[[View], View]:
        """Serve the view at DELETE `rule`."""
        decorate: Callable[[View], View] = self.route(rule, methods=["DELETE"])
        return decorate

    def query(self, schema: type[Schema]) -> Callable[[View], View]:
        """The view's first argument is the query, read by this schema; unknown names are refused."""
        decorate: Callable[[View], View] = self.arguments(schema(), location="query")
        return decorate

    def body(self, schema: type[Schema], *, required: bool = True) -> Callable[[View], View]:
        """The view's first argument is the JSON body, read by this schema; unknown names are refused."""
        decorate: Callable[[View], View] = self.arguments(schema(), location="json", required=required)
        return decorate

    def answers(
        self, schema: type[Schema], message: str, status: int = 200, *also: int
    ) -> Callable[[View], View]:
        """The view returns an `Answer` of this contract's schema, or a finished Response.

        `also` are further statuses of success.
        """
        envelope = envelope_schema(schema)

        def decorate(view: View) -> View:
            @wraps(view)
            def wrapper(*arguments: Any, **named: Any) -> Response:
                with doing(f"{request.method} {request.url_rule}"):
                    answer = view(*arguments, **named)
                if isinstance(answer, Response):
                    return answer
                return respond(answer, schema, message)

            documented: View = self.response(status, envelope)(wrapper)
            for other in also:
                documented = self.alt_response(other, schema=envelope, success=True)(documented)
            return documented

        return decorate

    def sends(self, content_type: str, description: str) -> Callable[[View], View]:
        """The view returns a finished Response of this type, in no envelope of ours."""
        media = content_type.partition(";")[0]

        def decorate(view: View) -> View:
            documented: View = self.response(
                200, {"type": "string"}, content_type=media, description=description
            )(view)
            unchanged: View = self.alt_response(
                304, success=True, description="The reader has this version (If-None-Match)."
            )(documented)
            return unchanged

        return decorate


def respond(answer: Answer, schema: type[Schema], message: str) -> Response:
    """The answer as a response in the envelope of success."""
    response = Response(render(answer, schema, message), answer.status, content_type="application/json")
    response.headers.update(answer.headers)
    return response


def render(answer: Answer, schema: type[Schema], message: str) -> bytes:
    """The envelope of success as JSON: `{"success": true, "message", "data", "page"?}`."""
    data = presenter(schema)(answer.data)
    body = {"success": True, "message": message, "data": data}
    if answer.limit is not None:
        body["page"] = {"limit": answer.limit, "next": data.pop("next")}
    return orjson.dumps(body)


@cache
def envelope_schema(schema: type[Schema]) -> type[Schema]:
    """The envelope around this contract's object, for OpenAPI."""
    is_list = "next" in schema._declared_fields
    data = public_schema(schema, *(["next"] if is_list else []))
    members: dict[str, Any] = {
        "success": fields.Boolean(required=True),
        "message": fields.String(required=True),
        "data": fields.Nested(data, required=True),
    }
    if is_list:
        members["page"] = fields.Nested(PageSchema, required=True)
    name = data.__name__.removesuffix("Answer")
    return type(f"{name}Response", (TolerantSchema,), members)
