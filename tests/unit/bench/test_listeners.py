"""How the bench reads what came on a WebSocket (RFC 6455, 5.2)."""

from tests.bench.listeners import texts_in


def _frame(payload: bytes, opcode: int = 1) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes([0x80 | opcode, size]) + payload
    if size < 1 << 16:
        return bytes([0x80 | opcode, 126]) + size.to_bytes(2, "big") + payload
    return bytes([0x80 | opcode, 127]) + size.to_bytes(8, "big") + payload


def test_frames_have_the_instant_of_the_piece_that_completed_them() -> None:
    short, long, longest = b"a" * 125, b"b" * 126, b"c" * 70_000
    wire = _frame(short) + _frame(b"ping", opcode=9) + _frame(long) + _frame(longest)
    pieces = [(1.0, wire[:1]), (2.0, wire[1:127]), (3.0, wire[127:200]), (4.0, wire[200:])]
    assert texts_in(pieces) == [(2.0, short), (4.0, long), (4.0, longest)]


def test_what_is_not_whole_is_not_there() -> None:
    assert texts_in([(1.0, _frame(b"whole")), (2.0, _frame(b"half")[:-1])]) == [(1.0, b"whole")]
