"""Refusals as HTTP: the one table from error category to status, and RFC 9457 bodies."""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from services.gateway.presentation import camel_case, public_value
from shared import logs
from shared.errors import Category, ErrorCode, ServiceError, forbidden, internal_error
from shared.telemetry import tracing

log = logging.getLogger(__name__)

STATUS: Mapping[Category, HTTPStatus] = {
    Category.MALFORMED: HTTPStatus.BAD_REQUEST,
    Category.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Category.PAYMENT_DECLINED: HTTPStatus.PAYMENT_REQUIRED,
    Category.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Category.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Category.CONFLICT: HTTPStatus.CONFLICT,
    Category.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Category.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Category.LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    Category.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
    Category.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Category.DEADLINE: HTTPStatus.GATEWAY_TIMEOUT,
}

malformed_json = ErrorCode("malformed_json", Category.MALFORMED, "The body is not a valid JSON object.")
malformed_request = ErrorCode("malformed_request", Category.MALFORMED, "The request cannot be read.")
too_large = ErrorCode("too_large", Category.TOO_LARGE, "The body is too large.")
unauthenticated = ErrorCode("unauthenticated", Category.UNAUTHENTICATED, "Sign in first.")
token_invalid = ErrorCode("token_invalid", Category.UNAUTHENTICATED, "This access token is not valid.")
token_expired = ErrorCode("token_expired", Category.UNAUTHENTICATED, "This access token has expired.")
rate_limited = ErrorCode("rate_limited", Category.LIMITED, "Too many requests. Wait, then try again.")

ERRORS = (
    malformed_json,
    malformed_request,
    too_large,
    unauthenticated,
    token_invalid,
    token_expired,
    forbidden,
    rate_limited,
)
"""Codes that the door itself answers with."""

CODE_OF_STATUS: Mapping[int, str] = {
    400: malformed_request.code,
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: too_large.code,
    415: "unsupported_media_type",
}
"""Codes of refusals that the web framework makes before a route is reached."""

HIDDEN_DETAILS = frozenset({Category.INTERNAL, Category.UNAVAILABLE, Category.DEADLINE})
"""Their details name parts of the inside; operators find them in the logs."""
CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1
"""What a 503 advises when the refusal names nothing better."""


def problem(error: ServiceError) -> Response:
    """The response to a refusal: status by category, body by RFC 9457, Retry-After where it helps."""
    status = STATUS[error.category]
    details = dict(error.details)
    retry_after = details.pop("retry_after", None)
    if error.category in HIDDEN_DETAILS:
        details = {}
    response = _response(status, error.code, error.message, details)
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if retry_after is not None:
        response.headers["Retry-After"] = str(max(1, int(retry_after)))
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def problem_of_http_exception(error: HTTPException) -> Response:
    """The response to what the web framework refused (404, 405, 413, 415 and their kin)."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    response = _response(status, _code_of(status), status.description or status.phrase, {})
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def body_of_status(status: HTTPStatus) -> bytes:
    """The body of a refusal of what could not be read as a request; outside of any request."""
    message = status.description or status.phrase
    return orjson.dumps(_body(status, _code_of(status), message, ""))


def install(app: Flask) -> None:
    """Let every failure of the app leave as a problem; nothing else tells what went wrong inside."""
    app.register_error_handler(ServiceError, refuse)
    app.register_error_handler(HTTPException, problem_of_http_exception)
    app.register_error_handler(Exception, _on_unexpected_error)


def refuse(error: ServiceError) -> Response:
    """The response to a refusal, with its line in the log."""
    level = logging.ERROR if error.category is Category.INTERNAL else logging.INFO
    logs.event(log, level, "request_refused", code=error.code, route=_route())
    return problem(error)


def _on_unexpected_error(error: Exception) -> Response:
    log.error("request_failed", exc_info=error, extra={"fields": {"route": _route()}})
    return problem(internal_error())


def _route() -> str:
    return request.url_rule.rule if request.url_rule else ""


def _code_of(status: HTTPStatus) -> str:
    return CODE_OF_STATUS.get(status, internal_error.code if status >= 500 else malformed_request.code)  # noqa: PLR2004


def _body(status: HTTPStatus, code: str, message: str, instance: str) -> dict[str, Any]:
    return {
        "type": f"urn:care:problem:{code}",
        "title": status.phrase,
        "status": int(status),
        "detail": message,
        "instance": instance,
        "success": False,
        "message": message,
        "code": code,
        "traceId": tracing.current_trace_id(),
    }


def _response(status: HTTPStatus, code: str, message: str, details: dict[str, Any]) -> Response:
    errors = details.pop("errors", None)
    g.problem_code = code
    body = _body(status, code, message, _instance())
    if errors:
        body["errors"] = _by_field(errors)
    if details:
        body["details"] = public_value(details)
    return Response(orjson.dumps(body), status, content_type=CONTENT_TYPE)


def _instance() -> str:
    """The path, or its pattern when what varies in it is a secret."""
    secret = "secret" in (request.view_args or {})
    return _route() if secret else request.path


def _by_field(errors: object, prefix: str = "") -> dict[str, list[str]]:
    """Nested errors of marshmallow as `{"lines.0.amount": ["..."]}`, names as the client knows them."""
    flat: dict[str, list[str]] = {}
    if isinstance(errors, Mapping):
        for name, value in errors.items():
            part = "body" if name == "_schema" else _field_name(str(name))
            flat.update(_by_field(value, f"{prefix}.{part}" if prefix else part))
    elif isinstance(errors, list):
        flat[prefix or "body"] = [str(text) for text in errors]
    else:
        flat[prefix or "body"] = [str(errors)]
    return flat


def _field_name(name: str) -> str:
    """A client's own unknown names are shown as they came, if they are harmless and short."""
    known = camel_case(name)
    return known if re.fullmatch(r"[\w.-]{1,64}", known) else "unknown"
