"""PDFs: a customer's invoice and credit notes, a provider's statement; payment writes them."""

import base64
from typing import Any

from flask import Response

from services.gateway import context
from services.gateway.accounts.store import accounts
from services.gateway.blueprint import Access, Blueprint, Budget, declares
from services.gateway.process import resources
from services.gateway.routes.membership import the_provider
from services.gateway.routes.provider_money import PeriodQuery
from services.gateway.routes.receipts import receipt_of
from shared.contracts import payment, search
from shared.errors import ServiceError

blueprint = Blueprint("documents", __name__, description="Documents as PDF")

PDF = "application/pdf"
A_SECOND = 1.0


@blueprint.get("/customer/payments/<id:payment_id>/invoice.pdf")
@declares(Access.CUSTOMER, Budget.OTHER)
@blueprint.sends(PDF, "The invoice, in the caller's language.")
def get_invoice(payment_id: str) -> Response:
    """What was paid for what, with its number."""
    made = resources().services.ask(payment.GET_INVOICE, _named(payment_id))
    return _pdf(made, f"invoice-{made['number'] or payment_id}")


@blueprint.get("/customer/payments/<id:payment_id>/refunds/<id:refund_id>/credit-note.pdf")
@declares(Access.CUSTOMER, Budget.OTHER)
@blueprint.sends(PDF, "The credit note, in the caller's language.")
def get_credit_note(payment_id: str, refund_id: str) -> Response:
    """What was given back of an invoice, with its number."""
    wanted = _named(payment_id) | {"refund_id": refund_id}
    made = resources().services.ask(payment.GET_CREDIT_NOTE, wanted)
    return _pdf(made, f"credit-note-{made['number'] or refund_id}")


@blueprint.get("/provider/statements.pdf")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.query(PeriodQuery)
@blueprint.sends(PDF, "The statement, in the caller's language.")
def get_statement_pdf(query: dict[str, Any]) -> Response:
    """At most 300 lines; what is longer is for a program to read, as CSV."""
    provider_id = the_provider(query["provider_id"])
    wanted = query | {"provider_id": provider_id, "provider_name": _provider_name(provider_id)}
    made = resources().services.ask(payment.GET_STATEMENT_PDF, wanted)
    return _pdf(made, f"statement-{query['from_date']}-{query['to_date']}")


def _named(payment_id: str) -> dict[str, Any]:
    """What a document says beside amounts. Raises `not_found` for another's payment."""
    caller = context.current().caller()
    receipt = receipt_of(payment_id, caller.user_id)
    provider = receipt["provider_name"]
    visit = f"{receipt['local_date']} {receipt['local_time']} ({receipt['time_zone']})"
    return {
        "payment_id": payment_id,
        "customer_name": _customer_name(caller.user_id),
        "provider_name": _in(provider, caller.locale) if provider else None,
        "visit": visit,
        "lines": [
            {"name": _in(line["name"], caller.locale), "amount": line["amount"]}
            for line in receipt["lines"]
            if line["kind"] != "tip"
        ],
    }


def _customer_name(user_id: str) -> str | None:
    with resources().database.transaction() as connection:
        account = accounts.find_by_id(connection, user_id)
    return None if account is None else account.name[:200]


def _provider_name(provider_id: str) -> str | None:
    """A statement doesn't wait for the catalogue, nor does it end with a provider that has left it."""
    wanted = {"provider_id": provider_id, "latitude": None, "longitude": None}
    try:
        found = resources().services.ask(search.GET_PROVIDER, wanted, A_SECOND)
    except ServiceError:
        return None
    return _in(found["name"], context.current().locale)


def _in(texts: dict[str, Any], locale: str) -> str:
    return str(texts.get(locale) or texts["en"])[:200]


def _pdf(made: dict[str, Any], name: str) -> Response:
    response = Response(base64.b64decode(made["pdf_base64"]), content_type=PDF)
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response
