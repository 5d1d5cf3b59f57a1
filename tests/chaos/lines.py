"""Asks booking what is free of that for which people still stand in line."""

from deploy.local.stack import Stack
from shared.contracts import booking
from shared.contracts.declaration import Caller
from shared.messages.rpc_client import RpcClient
from tests.chaos.facts import Facts, Row


def free_in_lines(stack: Stack, facts: Facts) -> list[Row]:
    """Each entry that still waits, with the local times that are free for it now."""
    waiting = [row for row in facts.rows["booking.waitlist_entry"] if row["state"] == "waiting"]
    client = RpcClient(stack.amqp_uri, "chaos")
    try:
        return [{"entry": row["id"], "free": _free(client, row)} for row in waiting]
    finally:
        client.stop()


def _free(client: RpcClient, entry: Row) -> list[str]:
    wanted = {name: entry[name] for name in ("provider_id", "service_id", "staff_id")}
    found = client.call(booking.GET_AVAILABILITY, wanted | {"date": entry["day"]}, Caller())
    first, last = entry["from_time"] or "00:00", entry["to_time"] or "23:59"
    return [
        slot["local_time"]
        for slot in found["slots"]
        if first[:5] <= slot["local_time"] <= last[:5] and slot["local_date"] == entry["day"]
    ]
