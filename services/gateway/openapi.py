"""The OpenAPI document and its page, made from the routes; nothing on it comes from another address."""

import importlib.util
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, Response, render_template_string, send_from_directory
from flask_smorest import Api
from werkzeug.routing import BaseConverter, UUIDConverter

from services.gateway.blueprint import Access, Budget, ProblemSchema, declares
from services.gateway.document import finished_document
from services.gateway.presentation import Amount

BASE_PATH = "/api/v1"
EXTENSION = "care-openapi"
JSON_PATH = "/api/openapi.json"
DOCS_PATH = "/api/docs/"
ASSETS_PATH = "/api/docs/assets"
ASSETS_SECONDS = 86_400
DESCRIPTION = (
    "Find care near you, book a time without conflicts, pay by card. "
    "Success is `{success, message, data, page?}`; refusals are problem+json (RFC 9457) with "
    "a stable `code`. "
    "Amounts are decimal numbers in major units."
)
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""Swagger UI sets style attributes by script; scripts come from our own files only."""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Care Services API</title>
<link rel="stylesheet" href="{{ assets }}/swagger-ui.css">
<link rel="icon" href="{{ assets }}/favicon-32x32.png">
</head>
<body><p id="payments" role="status" style="margin:1em;font:bold 1em sans-serif" hidden></p>
<div id="swagger-ui"></div>
<script src="{{ assets }}/swagger-ui-bundle.js"></script>
<script src="{{ docs }}start.js"></script>
</body>
</html>
"""
START = """window.onload = function () {
  SwaggerUIBundle({ url: %s, dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null });
  fetch("/health").then(function (answer) { return answer.json(); }).then(function (health) {
    if (!health.payments || !health.payments.banner) { return; }
    var place = document.getElementById("payments");
    place.textContent = health.payments.banner;
    place.hidden = false;
  });
};
"""
"""/health says whether money moves: the page shows its banner above everything else."""


class IdConverter(UUIDConverter):
    """Matches our ids only (UUIDs in lower case), as text; anything else is no such object: 404."""

    regex = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def to_python(self, value: str) -> str:  # type: ignore[override]
        return value

    def to_url(self, value: Any) -> str:
        return str(value)


class ForeignIdConverter(BaseConverter):
    """What a payment provider calls a thing, and we a webhook of Tap's (`tap:chg_1:CAPTURED`); anything else
    is no such object: 404."""

    regex = r"[A-Za-z0-9_.:-]{1,255}"


class ContractApi(Api):  # type: ignore[misc]
    """flask-smorest without its own form of errors: ours are problems."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """`services.gateway.problems` answers for all of them."""


def make_api(app: Flask) -> ContractApi:
    """Set up the API of the app; blueprints are registered on what it returns."""
    app.url_map.converters |= {"id": IdConverter, "foreign_id": ForeignIdConverter}
    app.config.update(
        API_TITLE="Care Services Platform",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {"description": DESCRIPTION},
            "components": {
                "securitySchemes": {
                    "accessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
                }
            },
        },
    )
    api = ContractApi(app)
    api.register_converter(IdConverter, lambda _converter: {"type": "string", "format": "uuid"})
    foreign = {"type": "string", "pattern": f"^{ForeignIdConverter.regex}$"}
    api.register_converter(ForeignIdConverter, lambda _converter: foreign)
    api.register_field(Amount, "number", None)
    return api


def install_docs(app: Flask, api: ContractApi) -> None:
    """Serve the document and its page, after all blueprints are registered."""
    document = finished_document(app, api.spec.to_dict())
    app.extensions[EXTENSION] = document
    text = orjson.dumps(document)
    assets = swagger_ui_folder()

    @app.get(JSON_PATH)
    @declares(Access.ANYONE, Budget.STATIC)
    def openapi_json() -> Response:
        response = Response(text, content_type="application/json")
        response.headers["Cache-Control"] = "public, max-age=300"
        return response

    @app.get(DOCS_PATH)
    @declares(Access.ANYONE, Budget.STATIC)
    def openapi_page() -> Response:
        return _page(render_template_string(PAGE, assets=ASSETS_PATH, docs=DOCS_PATH), "text/html")

    @app.get(f"{DOCS_PATH}start.js")
    @declares(Access.ANYONE, Budget.STATIC)
    def openapi_start() -> Response:
        return _page(START % app.json.dumps(JSON_PATH), "text/javascript")

    @app.get(f"{ASSETS_PATH}/<path:name>")
    @declares(Access.ANYONE, Budget.STATIC)
    def openapi_assets(name: str) -> Response:
        return send_from_directory(assets, name, max_age=ASSETS_SECONDS)


def swagger_ui_folder() -> Path:
    """Where flask-swagger-ui keeps the files of Swagger UI; only these are used of it."""
    spec = importlib.util.find_spec("flask_swagger_ui")
    if spec is None or spec.origin is None:
        raise RuntimeError("flask-swagger-ui is not installed")
    return Path(spec.origin).parent / "dist"


def _page(text: str, mimetype: str) -> Response:
    response = Response(text, mimetype=mimetype)
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
