"""What providers do, in few words: hours, rules, people, rooms, time off."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.booking.usecases import read_supply_changes, show_supply, supply_commands
from shared.contracts import booking as contract
from shared.contracts.declaration import Caller, RpcMethod, read, write
from shared.database.transaction import Transaction
from shared.ids import new_id
from tests.integration.booking.desk import Provider, member_of

NAME = {"en": "Room", "ar": "غرفة"}
COMMANDS: Mapping[RpcMethod, Callable[..., dict[str, Any]]] = {
    contract.CHANGE_HOURS: supply_commands.change_hours,
    contract.CHANGE_RULES: supply_commands.change_rules,
    contract.CHANGE_SERVICE_RULES: supply_commands.change_service_rules,
    contract.PUT_STAFF: supply_commands.put_staff,
    contract.PUT_RESOURCE: supply_commands.put_resource,
    contract.ADD_TIME_OFF: supply_commands.add_time_off,
    contract.REMOVE_TIME_OFF: supply_commands.remove_time_off,
}


@dataclass(frozen=True)
class ProviderDesk:
    """One provider's member at work; requests and answers go through their contracts."""

    transaction: Transaction
    provider: Provider

    def do(self, method: RpcMethod, caller: Caller | None = None, **members: Any) -> dict[str, Any]:
        request = {
            "provider_id": self.provider.provider_id,
            "idempotency_key": new_id(),
            **members,
        }
        asked = caller or member_of(self.provider)
        answer = COMMANDS[method](self.transaction, read(method.request, request), asked)
        return write(method.answer, answer)

    def supply(self, caller: Caller | None = None) -> dict[str, Any]:
        request = {"provider_id": self.provider.provider_id}
        answer = show_supply.get_supply(self.transaction, request, caller or member_of(self.provider))
        return write(contract.GET_SUPPLY.answer, answer)

    def changes(self, caller: Caller | None = None, **members: Any) -> dict[str, Any]:
        request = read(
            contract.LIST_SUPPLY_CHANGES.request, {"provider_id": self.provider.provider_id, **members}
        )
        answer = read_supply_changes.list_supply_changes(
            self.transaction, request, caller or member_of(self.provider)
        )
        return write(contract.LIST_SUPPLY_CHANGES.answer, answer)

    def hours(self, windows: Any, **members: Any) -> dict[str, Any]:
        return self.do(contract.CHANGE_HOURS, windows=windows, **members)

    def service_rules(self, number: int = 0, **rules: Any) -> dict[str, Any]:
        service_id = self.provider.services[number]
        return self.do(contract.CHANGE_SERVICE_RULES, service_id=service_id, **rules)

    def rooms(self, count: int = 1) -> str:
        """A kind of room with so many of them; its id."""
        units = [{"name": NAME} for _ in range(count)]
        answer = self.do(contract.PUT_RESOURCE, kind="room", name=NAME, units=units)
        return str(answer["changed_id"])

    def staff(self, number: int, **members: Any) -> dict[str, Any]:
        staff_id = self.provider.staff[number]
        return self.do(contract.PUT_STAFF, staff_id=staff_id, name=NAME, **members)


def every_day(opens: str, closes: str) -> list[dict[str, Any]]:
    return [{"weekday": weekday, "opens": opens, "closes": closes} for weekday in range(1, 8)]
