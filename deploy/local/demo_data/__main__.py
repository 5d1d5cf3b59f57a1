"""Writes the demo data into a folder, the same bytes every time: `python -m deploy.local.demo_data DIR`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from deploy.local.demo_data.documents import documents


def main(arguments: list[str]) -> int:
    """Write the documents into the folder that is the only argument; 2 when it is missing."""
    if len(arguments) != 1:
        print("usage: python -m deploy.local.demo_data DIR", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents().items():
        text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / name).write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
