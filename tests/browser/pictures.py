"""Makes a browser's PNG small: the 256 colours that are used most, and the rest by the nearest of them."""

import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256
TRUE_COLOUR, TRUE_COLOUR_WITH_ALPHA, PALETTE = 2, 6, 3
Colour = tuple[int, int, int]


def with_palette(png: bytes) -> bytes:
    """The same picture with a palette. Raises ValueError for a PNG that no browser writes."""
    chunks = list(_chunks(png))
    header = dict(chunks)[b"IHDR"]
    width, height, depth, kind = struct.unpack(">IIBB", header[:10])
    if depth != 8 or kind not in (TRUE_COLOUR, TRUE_COLOUR_WITH_ALPHA) or header[12]:
        raise ValueError("not a PNG of 8-bit true colour without interlacing")
    size = 3 if kind == TRUE_COLOUR else 4
    packed = b"".join(data for name, data in chunks if name == b"IDAT")
    rows = list(_rows(zlib.decompress(packed), width * size, size))
    counted = Counter(colour for row in rows for colour in _colours(row, size))
    palette = [colour for colour, _ in counted.most_common(COLOURS)]
    index = {colour: _nearest(colour, palette) for colour in counted}
    pixels = b"".join(b"\0" + bytes(index[colour] for colour in _colours(row, size)) for row in rows)
    return SIGNATURE + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, PALETTE, 0, 0, 0)),
            _chunk(b"PLTE", bytes(part for colour in palette for part in colour)),
            _chunk(b"IDAT", zlib.compress(pixels, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _colours(row: bytearray, size: int) -> Iterator[Colour]:
    return zip(row[0::size], row[1::size], row[2::size], strict=True)


def _nearest(colour: Colour, palette: list[Colour]) -> int:
    red, green, blue = colour
    return min(
        range(len(palette)),
        key=lambda one: (
            abs(palette[one][0] - red) + abs(palette[one][1] - green) + abs(palette[one][2] - blue)
        ),
    )


def _rows(data: bytes, length: int, size: int) -> Iterator[bytearray]:
    """The picture's lines without their filters (PNG, section 9)."""
    before = bytearray(length)
    for start in range(0, len(data), length + 1):
        row = bytearray(data[start + 1 : start + 1 + length])
        _unfilter(data[start], row, before, size)
        yield row
        before = row


def _unfilter(kind: int, row: bytearray, above: bytearray, size: int) -> None:
    """Each byte was written as its difference to a guess out of its neighbours."""
    guess = GUESSES[kind]
    for place, value in enumerate(above):
        left, corner = (row[place - size], above[place - size]) if place >= size else (0, 0)
        row[place] = (row[place] + guess(left, value, corner)) & 255


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    by_left, by_above, by_corner = abs(guess - left), abs(guess - above), abs(guess - corner)
    if by_left <= by_above and by_left <= by_corner:
        return left
    return above if by_above <= by_corner else corner


GUESSES: tuple[Callable[[int, int, int], int], ...] = (
    lambda left, above, corner: 0,
    lambda left, above, corner: left,
    lambda left, above, corner: above,
    lambda left, above, corner: (left + above) // 2,
    _paeth,
)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE)
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += 12 + length


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
