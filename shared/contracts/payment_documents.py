"""Documents of payment as PDF: invoices, credit notes, statements."""

from marshmallow import Schema, fields, validate

from shared.contracts.declaration import MethodKind, RpcMethod
from shared.contracts.fields import Id, required_money
from shared.contracts.payment_payouts import PeriodRequestSchema
from shared.errors import Category, ErrorCode, forbidden

SERVICE = "payment"
statement_too_long = ErrorCode(
    "statement_too_long", Category.INVALID, "So many lines are not for a page: take the CSV file."
)


def _name() -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))


class InvoiceLineSchema(Schema):
    """A line of the quote, in the language of the document."""

    name = fields.String(required=True, validate=validate.Length(1, 200))
    amount = required_money()


class InvoiceRequestSchema(Schema):
    """Names are what the gateway knows of people; amounts are payment's own, and so is the language: the
    caller's. `visit`: when and where, as it is read there."""

    payment_id = Id(required=True)
    customer_name = _name()
    provider_name = _name()
    visit = _name()
    lines = fields.List(fields.Nested(InvoiceLineSchema), required=True, validate=validate.Length(max=50))


class CreditNoteRequestSchema(InvoiceRequestSchema):
    """The credit note of one refund of the payment."""

    refund_id = Id(required=True)


class StatementPdfRequestSchema(PeriodRequestSchema):
    """A statement of at most 300 lines."""

    provider_name = _name()


class PdfSchema(Schema):
    """A PDF with its fonts inside. `number` is null for what has none, as a statement."""

    pdf_base64 = fields.String(required=True)
    number = fields.String(required=True, allow_none=True)


GET_INVOICE = RpcMethod(SERVICE, "get_invoice", MethodKind.COMMAND, InvoiceRequestSchema, PdfSchema)
GET_CREDIT_NOTE = RpcMethod(
    SERVICE, "get_credit_note", MethodKind.COMMAND, CreditNoteRequestSchema, PdfSchema
)
GET_STATEMENT_PDF = RpcMethod(
    SERVICE,
    "get_statement_pdf",
    MethodKind.COMMAND,
    StatementPdfRequestSchema,
    PdfSchema,
    (forbidden, statement_too_long),
)
DOCUMENT_METHODS = (GET_INVOICE, GET_CREDIT_NOTE, GET_STATEMENT_PDF)
DOCUMENT_ERRORS = (statement_too_long,)
