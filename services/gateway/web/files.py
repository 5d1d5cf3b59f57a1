"""The page's files, read once per process: what is served is a table in memory, never a path on disk."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "page"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What may lie in the folder; another kind of file ends the start."""
COMPRESS_LEVEL = 9
"""Once per process, so the best."""
TAG_DIGITS = 16


@dataclass(frozen=True)
class File:
    """One file in both forms. `tag` changes with the content."""

    content_type: str
    plain: bytes
    packed: bytes
    tag: str


def make_file(name: str, plain: bytes) -> File:
    """A file of this name. Raises KeyError for a kind that the page doesn't have."""
    return File(
        content_type=KINDS[Path(name).suffix],
        plain=plain,
        packed=gzip.compress(plain, COMPRESS_LEVEL, mtime=0),
        tag=_digest(plain),
    )


def read_files(folder: Path = FOLDER) -> dict[str, File]:
    """Every file of the page by its name from the folder, `scripts/main.js`."""
    return {
        path.relative_to(folder).as_posix(): make_file(path.name, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def version_of(files: Mapping[str, File]) -> str:
    """One name for exactly this set of files: addresses that carry it may be kept for ever."""
    listed = "\n".join(f"{name} {file.tag}" for name, file in sorted(files.items()))
    return _digest(listed.encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:TAG_DIGITS]
