"""The part of the door that is for administrators."""

from typing import Any

from services.payment.resources import PaymentResources
from services.payment.usecases import (
    administrator_refunds,
    inspect_disputes,
    inspect_payments,
    kept_webhooks,
    money_figures,
    retry_refund,
    submit_evidence,
    what_if,
)
from services.payment.usecases import commission_rules as rules
from shared.contracts import payment as contract
from shared.contracts.declaration import Caller
from shared.worker.entrypoints import rpc


class AdministratorsDoor:
    """Served as a part of PaymentService, which opens what it needs."""

    resources: PaymentResources

    @rpc(contract.LIST_COMMISSION_RULES)
    def list_commission_rules(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return rules.list_rules(self.resources.desk, request["limit"], request["cursor"], caller)

    @rpc(contract.PROPOSE_COMMISSION_RULES)
    def propose_commission_rules(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return rules.propose(self.resources.desk, request, caller)

    @rpc(contract.PREVIEW_COMMISSION_RULES)
    def preview_commission_rules(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return what_if.preview(self.resources.desk, request, caller)

    @rpc(contract.GET_MONEY_FIGURES)
    def get_money_figures(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return money_figures.get_money_figures(self.resources.desk, request, caller)

    @rpc(contract.PREVIEW_REFUND)
    def preview_refund(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return administrator_refunds.preview_refund(self.resources.desk, request, caller)

    @rpc(contract.REFUND_PAYMENT)
    def refund_payment(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return administrator_refunds.refund_payment(self.resources.desk, request, caller)

    @rpc(contract.RETRY_REFUND)
    def retry_refund(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return retry_refund.decide_refund(self.resources.desk, request, caller)

    @rpc(contract.LIST_REFUNDS)
    def list_refunds(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return inspect_payments.list_refunds(self.resources.desk, request, caller)

    @rpc(contract.INSPECT_PAYMENT)
    def inspect_payment(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return inspect_payments.inspect_payment(self.resources.desk, request["payment_id"], caller)

    @rpc(contract.LIST_DISPUTES)
    def list_disputes(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return inspect_disputes.list_disputes(self.resources.desk, request, caller)

    @rpc(contract.GET_DISPUTE)
    def get_dispute(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return inspect_disputes.get_dispute(self.resources.desk, request["dispute_id"], caller)

    @rpc(contract.SUBMIT_DISPUTE_EVIDENCE)
    def submit_dispute_evidence(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return submit_evidence.submit_evidence(self.resources.desk, request, caller)

    @rpc(contract.LIST_WEBHOOKS)
    def list_webhooks(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return kept_webhooks.list_webhooks(self.resources.desk, request, caller)

    @rpc(contract.REPLAY_WEBHOOK)
    def replay_webhook(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return kept_webhooks.replay_webhook(self.resources.desk, request, caller)
