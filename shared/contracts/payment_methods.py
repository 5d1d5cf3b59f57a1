"""The public face of payment about methods: what a customer may choose here, as it is set up."""

from marshmallow import Schema, fields, validate

from shared.contracts.declaration import MethodKind, RpcMethod
from shared.contracts.fields import Id, currency
from shared.contracts.payment_forms import METHODS as NAMES

SERVICE = "payment"


class ListPaymentMethodsRequestSchema(Schema):
    """For a currency, or a provider of care, or any."""

    currency = currency(load_default=None, allow_none=True)
    provider_id = Id(load_default=None, allow_none=True)


class PaymentMethodSchema(Schema):
    """`wallets` may hand the card over, on pages of `wallet_domains`. `redirects`: the customer pays on a
    page of the payment provider's. `may_be_held`: the money may be kept on the card until after the visit.
    `currencies`: null for all that can be charged. `simulated`: no money moves."""

    method = fields.String(required=True, validate=validate.OneOf(NAMES))
    payment_provider = fields.String(required=True)
    wallets = fields.List(fields.String(), required=True)
    wallet_domains = fields.List(fields.String(), required=True)
    redirects = fields.Boolean(required=True)
    may_be_held = fields.Boolean(required=True)
    currencies = fields.List(fields.String(), required=True, allow_none=True)
    simulated = fields.Boolean(required=True)


class PaymentMethodsSchema(Schema):
    """Empty where nothing can be paid."""

    methods = fields.List(fields.Nested(PaymentMethodSchema), required=True)


LIST_PAYMENT_METHODS = RpcMethod(
    SERVICE,
    "list_payment_methods",
    MethodKind.QUESTION,
    ListPaymentMethodsRequestSchema,
    PaymentMethodsSchema,
)
METHODS = (LIST_PAYMENT_METHODS,)
