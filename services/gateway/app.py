"""The app factory: puts the gateway together for one process."""

import os
from collections.abc import Callable
from typing import Any

from flask import Flask, Response

from services.gateway import gate, health, openapi, problems, process, request_span, responses
from services.gateway.realtime import routes as realtime
from services.gateway.resources import Resources, build
from services.gateway.routes import (
    admin_analytics,
    admin_commission,
    admin_disputes,
    admin_refunds,
    admin_webhooks,
    audit,
    auth,
    booking_history,
    bookings,
    calendar,
    catalogue,
    documents,
    no_shows,
    notifications,
    payment_methods,
    payments,
    provider_money,
    rescheduling,
    series,
    series_moves,
    series_paying,
    supply,
    terms,
    visits,
    waitlist,
)
from services.gateway.said_again import SaidAgain
from services.gateway.settings import GatewaySettings
from services.gateway.web import routes as web
from shared import logs
from shared.contracts.gateway import SERVICE
from shared.fault_points import switch_on
from shared.settings import load
from shared.telemetry import tracing

BLUEPRINTS = (
    auth.blueprint,
    catalogue.blueprint,
    terms.blueprint,
    bookings.blueprint,
    booking_history.blueprint,
    rescheduling.blueprint,
    series.blueprint,
    series_paying.blueprint,
    series_moves.blueprint,
    waitlist.blueprint,
    payment_methods.blueprint,
    payments.blueprint,
    calendar.blueprint,
    supply.blueprint,
    visits.blueprint,
    no_shows.blueprint,
    provider_money.blueprint,
    documents.blueprint,
    notifications.blueprint,
    audit.blueprint,
    admin_commission.blueprint,
    admin_analytics.blueprint,
    admin_refunds.blueprint,
    admin_disputes.blueprint,
    admin_webhooks.blueprint,
)


class _App(Flask):
    """None of our functions is async; Flask would ask each of them in each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app() -> Flask:
    """The app of a gunicorn worker: made after the fork and after monkey-patching, and started."""
    settings = load(GatewaySettings, os.environ)
    switch_on(settings.fault_points, settings.profile)
    logs.configure(SERVICE, settings.log_level, tracing.current_trace_id)
    tracing.configure_tracing(SERVICE, settings)
    resources = build(settings)
    app = assemble(resources)
    resources.start()
    return app


def assemble(resources: Resources) -> Flask:
    """The app around resources that were not started: for `create_app`, tests and the OpenAPI document."""
    app = _App(__name__, static_folder=None)
    SaidAgain(app).install()
    request_span.install(app)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = False
    # A redirect would be a page, to an address that the client's Host header chose.
    app.url_map.merge_slashes = False
    process.keep(app, resources)
    problems.install(app)
    app.before_request(_answer_preflight)
    responses.install(app, resources.settings)
    gate.install(app)
    api = openapi.make_api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint, url_prefix=openapi.BASE_PATH + (blueprint.url_prefix or ""))
    health.install(app)
    _install_realtime(app, resources)
    openapi.install_docs(app, api)
    web.install(app, resources.settings.standin_url)
    gate.check_all_declared(app)
    return app


def _install_realtime(app: Flask, resources: Resources) -> None:
    installed = realtime.install(
        app,
        resources.settings.amqp_uri,
        resources.tokens.verify,
        resources.settings.worker_connections,
        resources.invalidation.raise_before_telling,
    )
    resources.on_start.append(installed.start)
    resources.on_begin_stop.append(installed.close_sockets)
    resources.on_stop.append(installed.stop)


def _answer_preflight() -> Response | None:
    return Response(status=204) if responses.is_preflight() else None
