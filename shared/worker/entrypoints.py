"""What a service's door is made of: `rpc`, `on_event`, `every`."""

from shared.worker.events import on_event
from shared.worker.rpc import rpc
from shared.worker.timers import every

__all__ = ["every", "on_event", "rpc"]
