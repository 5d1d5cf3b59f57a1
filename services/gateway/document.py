"""Finishes the OpenAPI document that flask-smorest makes, where it does not say what we do."""

from typing import Any

from flask import Flask

from services.gateway.blueprint import Access, Declaration, declaration_of
from services.gateway.idempotency import HEADER
from services.gateway.problems import CONTENT_TYPE

COMMANDS_WITH_KEY = (
    "create_booking",
    "cancel_booking",
    "process_payment",
    "tip_booking",
    "refund",
    "start_visit",
    "complete_visit",
    "cancel_visit",
    "record_no_show",
    "contest_no_show",
    "decide_no_show",
    "accept_visit",
    "decline_visit",
    "reschedule_booking",
    "create_series",
    "cancel_series",
    "pay_series",
    "reschedule_series",
    "join_waitlist",
    "leave_waitlist",
    "decline_offer",
    "change_notes",
    "change_provider_notes",
    "change_hours",
    "change_rules",
    "change_service_rules",
    "add_staff",
    "change_staff",
    "add_resource",
    "change_resource",
    "add_time_off",
    "remove_time_off",
    "refund_payment",
    "retry_refund",
    "propose_commission_rules",
    "submit_dispute_evidence",
    "replay_webhook",
)
KEY_PARAMETER = {
    "in": "header",
    "name": HEADER,
    "description": "Repeat with the same key and the same body: the same answer, done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
}


def finished_document(app: Flask, document: dict[str, Any]) -> dict[str, Any]:
    """Who may call a route, the type of problems, keys of commands, patterns as browsers read them."""
    document["components"]["schemas"].pop("PaginationMetadata", None)
    for refusal in document["components"]["responses"].values():
        refusal["description"] = "A refusal by RFC 9457 with a stable `code`."
        refusal["content"] = {CONTENT_TYPE: refusal["content"].pop("application/json")}
    for rule in app.url_map.iter_rules():
        path = document["paths"].get(_openapi_path(rule.rule), {})
        for method in rule.methods or ():
            if method.lower() in path:
                view = app.view_functions[rule.endpoint]
                _finish_operation(path[method.lower()], view.__name__, declaration_of(view))
    finished: dict[str, Any] = _with_portable_patterns(document)
    return finished


def _finish_operation(operation: dict[str, Any], name: str, declared: Declaration | None) -> None:
    operation["operationId"] = name
    if declared is not None and declared.access not in (Access.ANYONE, Access.STRIPE):
        operation["security"] = [{"accessToken": []}]
    parameters = operation.get("parameters", [])
    for parameter in parameters:
        if parameter["in"] == "query":
            _leave_out_null(parameter["schema"])
    if name in COMMANDS_WITH_KEY:
        operation["parameters"] = [*parameters, KEY_PARAMETER]


def _leave_out_null(schema: dict[str, Any]) -> None:
    """A query has no null: a member is there or not."""
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    if schema.get("default", "") is None:
        del schema["default"]
    if None in schema.get("enum", ()):
        schema["enum"] = [value for value in schema["enum"] if value is not None]


def _with_portable_patterns(value: Any) -> Any:
    """Python's end of text is `\\Z`; JSON Schema's is ECMA 262's `$`."""
    if isinstance(value, dict):
        return {
            name: item.replace("\\Z", "$")
            if name == "pattern" and isinstance(item, str)
            else _with_portable_patterns(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_with_portable_patterns(item) for item in value]
    return value


def _openapi_path(rule: str) -> str:
    """`/a/<id:name>` to `/a/{name}`."""
    first, *rest = rule.split("<")
    parts = [part.partition(">") for part in rest]
    return first + "".join("{" + name.rpartition(":")[2] + "}" + after for name, _, after in parts)
