"""customer/payments/methods: what a customer may choose to pay with, as it is set up."""

from typing import Any

from marshmallow import Schema

from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.process import resources
from shared.contracts.fields import Id, currency
from shared.contracts.payment_methods import LIST_PAYMENT_METHODS, PaymentMethodsSchema

blueprint = Blueprint(
    "payment_methods", __name__, url_prefix="/customer/payments/methods", description="Methods of payment"
)


class MethodsQuery(Schema):
    """For the currency of a quote, and who gives the care; both may be left out."""

    currency = currency(load_default=None, allow_none=True)
    provider_id = Id(data_key="providerId", load_default=None, allow_none=True)


@blueprint.get("")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.query(MethodsQuery)
@blueprint.answers(PaymentMethodsSchema, "What can be chosen.")
def list_payment_methods(query: dict[str, Any]) -> Answer:
    """Cards, their wallets, mada: only what is really set up."""
    return Answer(resources().services.ask(LIST_PAYMENT_METHODS, query))
