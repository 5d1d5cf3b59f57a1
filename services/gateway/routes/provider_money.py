"""provider/payout-account and earnings: whether the caller acts for the provider is payment's matter."""

from collections.abc import Iterator
from typing import Any

from flask import Response, stream_with_context
from marshmallow import Schema

from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.process import resources
from services.gateway.routes.lists import PageQuery
from services.gateway.routes.membership import the_provider
from shared.contracts import payment
from shared.contracts.fields import Id, currency, local_date
from shared.contracts.payment_payouts import EarningsSchema, PayoutAccountSchema, StatementSchema

blueprint = Blueprint("provider_money", __name__, url_prefix="/provider", description="A provider's money")

CSV = "text/csv; charset=utf-8"
NO_STORE = {"Cache-Control": "no-store"}


class ProviderQuery(Schema):
    """For which provider; may be left out by those who act for one only."""

    provider_id = Id(data_key="providerId", load_default=None)


class ProviderBody(Schema):
    """For which provider; may be left out by those who act for one only."""

    provider_id = Id(data_key="providerId", load_default=None)


@blueprint.get("/payout-account")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.query(ProviderQuery)
@blueprint.answers(PayoutAccountSchema, "Where the provider's money goes.")
def get_payout_account(query: dict[str, Any]) -> Answer:
    """Whether the provider takes payments and is paid out, and what is still asked for."""
    wanted = {"provider_id": the_provider(query["provider_id"])}
    return Answer(resources().services.ask(payment.GET_PAYOUT_ACCOUNT, wanted), headers=NO_STORE)


@blueprint.post("/payout-account")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.body(ProviderBody, required=False)
@blueprint.answers(PayoutAccountSchema, "The account is open; its owner goes on at Stripe.")
def open_payout_account(body: dict[str, Any]) -> Answer:
    """Open the account unless it is open, and answer with Stripe's page for what is still asked for."""
    wanted = {"provider_id": the_provider(body.get("provider_id"))}
    return Answer(resources().services.ask(payment.OPEN_PAYOUT_ACCOUNT, wanted), headers=NO_STORE)


@blueprint.get("/earnings")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.query(ProviderQuery)
@blueprint.answers(EarningsSchema, "Where the provider's money stands.")
def get_earnings(query: dict[str, Any]) -> Answer:
    """What waits, is due, is owed, is on its way and was paid out, by currency."""
    wanted = {"provider_id": the_provider(query["provider_id"])}
    return Answer(resources().services.ask(payment.GET_EARNINGS, wanted), headers=NO_STORE)


class PeriodQuery(Schema):
    """Days of the provider's zone, both included; `currency` is by default the one it was paid in last."""

    provider_id = Id(data_key="providerId", load_default=None)
    from_date = local_date(data_key="from", required=True)
    to_date = local_date(data_key="to", required=True)
    currency = currency(load_default=None)


class StatementQuery(PeriodQuery, PageQuery):
    """A page of a period's lines."""


@blueprint.get("/statements")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.query(StatementQuery)
@blueprint.answers(StatementSchema, "The provider's statement.")
def get_statement(query: dict[str, Any]) -> Answer:
    """Every fact about the provider's money in those days, each with its booking, and what they add up to."""
    answer = resources().services.ask(payment.GET_STATEMENT, _for_provider(query))
    return Answer(answer, limit=query["limit"], headers=NO_STORE)


@blueprint.get("/statements.csv")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.query(PeriodQuery)
@blueprint.sends(CSV, "All lines of the period, in the order in which they were posted.")
def get_statement_csv(query: dict[str, Any]) -> Response:
    """The same lines for a spreadsheet. Sent in parts as they are read, so a long one needs little memory."""
    services, wanted = resources().services, _for_provider(query) | {"cursor": None}
    first = services.ask(payment.GET_STATEMENT_CSV, wanted)

    def parts() -> Iterator[str]:
        part = first
        yield part["csv"]
        while part["next"] is not None:
            part = services.ask(payment.GET_STATEMENT_CSV, wanted | {"cursor": part["next"]})
            yield part["csv"]

    response = Response(stream_with_context(parts()), content_type=CSV)
    name = f"statement-{first['from_date']}-{first['to_date']}-{first['currency']}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers.update(NO_STORE)
    return response


def _for_provider(query: dict[str, Any]) -> dict[str, Any]:
    return query | {"provider_id": the_provider(query["provider_id"])}
