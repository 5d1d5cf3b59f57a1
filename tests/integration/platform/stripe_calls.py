"""How often operations have reached the proxy before Stripe's stand-in."""

from collections.abc import Callable

import requests

from deploy.local.stack import Stack

Calls = dict[str, int]


def changes_at(stack: Stack) -> Callable[[], Calls]:
    """What counts the calls so far of each operation that changes something at Stripe."""

    def count() -> Calls:
        received = requests.get(f"{stack.standin_proxy_url}/_proxy/calls", timeout=5).json()["received"]
        return {name: number for name, number in received.items() if name.startswith("POST")}

    return count


def more(before: Calls, after: Calls, part: str) -> int:
    """How many more calls of operations with this part in their name."""
    names = [name for name in after if part in name]
    return sum(after[name] - before.get(name, 0) for name in names)
