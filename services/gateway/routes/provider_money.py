"""provider/payout-account and earnings: whether the caller acts for the provider is payment's matter."""

from typing import Any

from marshmallow import Schema

from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.process import resources
from services.gateway.routes.membership import the_provider
from shared.contracts import payment
from shared.contracts.fields import Id
from shared.contracts.payment_payouts import PayoutAccountSchema

blueprint = Blueprint("provider_money", __name__, url_prefix="/provider", description="A provider's money")

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
