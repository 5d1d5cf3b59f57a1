"""A short rolling update of every process under customers' hands; `make rolling` is the long one."""

from deploy.local.stack import Stack
from tests.rolling.run import Plan, run

SHORT = Plan(rate=15, sockets=16, customers=8, strangers=8, seconds_between=0.5)


def test_every_process_is_replaced_and_nobody_notices(stack: Stack) -> None:
    """promise I3, promise E3: no request fails, no event is lost, sockets come back and resync."""
    report = run(stack, SHORT)
    assert not report.faults, report.text()
    assert report.messages.due > report.messages.read
    assert sum(row.to_handle for row in report.rows) > 0
    gateway = report.rows[-1]
    assert gateway.process == "gateway"
    # More than once: who comes back at once may meet the old one's other process, before that stops too.
    assert gateway.sockets_closed >= SHORT.sockets
