"""What is said on a socket has traces of its own, and what is refused there can be found (promise A7)."""

from tests.fixtures.otlp_receiver import Received, label
from tests.fixtures.realtime_client import RealtimeClient
from tests.fixtures.waiting import wait_until
from tests.integration.tracing.story import Story


def test_a_socket_s_frame_is_a_trace(story: Story) -> None:
    """promise A7: the handshake ends where the socket begins, each frame after it has a trace of its own"""
    wanted = {
        "GET /realtime",
        "socket authenticate",
        "socket subscribe-booking-updates",
        "socket subscribe-provider-availability",
    }

    def roots() -> dict[str, Received]:
        return {span.name: span for span in list(story.receiver.spans) if span.name in wanted}

    wait_until(lambda: roots().keys() == wanted, "the frames")
    found = {(span.kind, span.parent_id, span.is_error) for span in roots().values()}
    assert found == {("server", "", False)}
    assert roots()["GET /realtime"].attributes["http.response.status_code"] == 101


def test_a_refused_frame_is_found_by_the_trace_id_of_its_answer(story: Story) -> None:
    """promise A7: one that can't be read too, and one of a stranger"""
    with RealtimeClient(story.stack.url) as stranger:
        stranger.send_text("{")
        stranger.send("ping")
        _is_found(story, stranger, "malformed_json", "gateway: socket unreadable")
        _is_found(story, stranger, "unauthenticated", "gateway: socket ping")


def _is_found(story: Story, client: RealtimeClient, code: str, span: str) -> None:
    trace_id = client.wait_for("error", code=code).data["traceId"]
    wait_until(lambda: story.receiver.trace(trace_id).spans, span)
    assert [label(root) for root in story.receiver.trace(trace_id).roots] == [span]
    lines = [line for line in story.log_lines("gateway") if line.get("trace_id") == trace_id]
    assert [(line["event"], line["code"]) for line in lines] == [("frame_refused", code)]
