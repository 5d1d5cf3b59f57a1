"""The part of the door that hands out statements and documents."""

from typing import Any

from services.payment.resources import PaymentResources
from services.payment.usecases import read_statements, render_documents
from shared.contracts import payment as contract
from shared.contracts.declaration import Caller
from shared.worker.entrypoints import rpc


class PapersDoor:
    """Served as a part of PaymentService, which opens what it needs."""

    resources: PaymentResources

    @rpc(contract.GET_EARNINGS)
    def get_earnings(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return read_statements.get_earnings(self.resources.desk, request["provider_id"], caller)

    @rpc(contract.GET_STATEMENT)
    def get_statement(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return read_statements.get_statement(self.resources.desk, request, caller)

    @rpc(contract.GET_STATEMENT_CSV)
    def get_statement_csv(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return read_statements.get_statement_csv(self.resources.desk, request, caller)

    @rpc(contract.GET_STATEMENT_PDF)
    def get_statement_pdf(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return render_documents.get_statement_pdf(self.resources.desk, request, caller)

    @rpc(contract.GET_INVOICE)
    def get_invoice(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return render_documents.get_invoice(self.resources.desk, request, caller)

    @rpc(contract.GET_CREDIT_NOTE)
    def get_credit_note(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return render_documents.get_credit_note(self.resources.desk, request, caller)
