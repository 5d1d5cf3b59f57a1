"""The part of the door by which providers say what they have to give."""

from typing import Any

from services.booking.resources import BookingResources
from services.booking.usecases import read_supply_changes, show_supply, supply_commands
from shared.contracts import booking as contract
from shared.contracts.declaration import Caller
from shared.worker.entrypoints import rpc

Object = dict[str, Any]


class SupplyDoor:
    """Served as a part of BookingService, which opens what it needs."""

    resources: BookingResources

    @rpc(contract.GET_SUPPLY)
    def get_supply(self, request: Object, caller: Caller) -> Object:
        return show_supply.get_supply(self.resources.reading, request, caller)

    @rpc(contract.LIST_SUPPLY_CHANGES)
    def list_supply_changes(self, request: Object, caller: Caller) -> Object:
        return read_supply_changes.list_supply_changes(self.resources.reading, request, caller)

    @rpc(contract.CHANGE_HOURS)
    def change_hours(self, request: Object, caller: Caller) -> Object:
        return supply_commands.change_hours(self.resources.transaction, request, caller)

    @rpc(contract.CHANGE_RULES)
    def change_rules(self, request: Object, caller: Caller) -> Object:
        return supply_commands.change_rules(self.resources.transaction, request, caller)

    @rpc(contract.CHANGE_SERVICE_RULES)
    def change_service_rules(self, request: Object, caller: Caller) -> Object:
        return supply_commands.change_service_rules(self.resources.transaction, request, caller)

    @rpc(contract.PUT_STAFF)
    def put_staff(self, request: Object, caller: Caller) -> Object:
        return supply_commands.put_staff(self.resources.transaction, request, caller)

    @rpc(contract.PUT_RESOURCE)
    def put_resource(self, request: Object, caller: Caller) -> Object:
        return supply_commands.put_resource(self.resources.transaction, request, caller)

    @rpc(contract.ADD_TIME_OFF)
    def add_time_off(self, request: Object, caller: Caller) -> Object:
        return supply_commands.add_time_off(self.resources.transaction, request, caller)

    @rpc(contract.REMOVE_TIME_OFF)
    def remove_time_off(self, request: Object, caller: Caller) -> Object:
        return supply_commands.remove_time_off(self.resources.transaction, request, caller)
