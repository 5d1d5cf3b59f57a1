"""The app factory: puts the gateway together for one process."""

import os

from flask import Flask, Response, request
from opentelemetry import trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider

from services.gateway import gate, health, openapi, problems, process, responses
from services.gateway.realtime import routes as realtime
from services.gateway.resources import Resources, build
from services.gateway.routes import auth, bookings, catalogue, notifications, payments
from services.gateway.settings import GatewaySettings
from services.gateway.web import routes as web
from shared import logs
from shared.contracts.gateway import SERVICE
from shared.settings import load
from shared.telemetry import tracing

BLUEPRINTS = (
    auth.blueprint,
    catalogue.blueprint,
    bookings.blueprint,
    payments.blueprint,
    notifications.blueprint,
)
UNTRACED = r"^\w+://[^/]*/(?:(?:health|metrics|realtime|api/docs|web)(?:[/?]|$)|\?|$)"
"""Probes and files would fill the traces, and a socket's span would last as long as the socket. It is held
against the whole address: neither a host's name nor what people search for (`health`) may match."""


def create_app() -> Flask:
    """The app of a gunicorn worker: made after the fork and after monkey-patching, and started."""
    settings = load(GatewaySettings, os.environ)
    logs.configure(SERVICE, settings.log_level, tracing.current_trace_id)
    provider = tracing.configure_tracing(SERVICE, settings)
    resources = build(settings)
    app = assemble(resources, provider)
    resources.start()
    return app


def assemble(resources: Resources, tracer_provider: TracerProvider | None = None) -> Flask:
    """The app around resources that were not started: for `create_app`, tests and the OpenAPI document."""
    app = Flask(__name__, static_folder=None)
    if tracer_provider is not None:
        # First of all, so that refusals before a view have a trace too.
        FlaskInstrumentor().instrument_app(  # type: ignore[no-untyped-call]
            app, excluded_urls=UNTRACED, tracer_provider=tracer_provider
        )
        app.before_request(_tell_traces_little)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = False
    # A redirect would be a page, to an address that the client's Host header chose.
    app.url_map.merge_slashes = False
    process.keep(app, resources)
    problems.install(app)
    app.before_request(_answer_preflight)
    gate.install(app)
    responses.install(app, resources.settings)
    api = openapi.make_api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint, url_prefix=openapi.BASE_PATH + (blueprint.url_prefix or ""))
    health.install(app)
    _install_realtime(app, resources)
    openapi.install_docs(app, api)
    web.install(app, resources.settings.standin_url)
    gate.check_all_declared(app)
    return app


def _tell_traces_little() -> None:
    """What people look for, where, and from which address is nobody's business who reads traces."""
    trace.get_current_span().set_attributes({"http.target": request.path, "net.peer.ip": ""})


def _install_realtime(app: Flask, resources: Resources) -> None:
    installed = realtime.install(
        app,
        resources.settings.amqp_uri,
        resources.tokens.verify,
        resources.invalidation.raise_before_telling,
    )
    resources.on_start.append(installed.start)
    resources.on_begin_stop.append(installed.close_sockets)
    resources.on_stop.append(installed.stop)


def _answer_preflight() -> Response | None:
    return Response(status=204) if responses.is_preflight() else None
