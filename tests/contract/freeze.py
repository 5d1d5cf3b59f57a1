"""Freezes examples of messages that have none yet: `python -m tests.contract.freeze`.

A frozen example is what a deployed peer sends: it is never changed. A message that changes its form in a
compatible way gets a second example, `<name>.2.json`, made by hand from the values as they are now.
"""

import json
from pathlib import Path

from tests.contract.messages import examples

FOLDER = Path(__file__).parent / "examples"


def freeze() -> list[str]:
    """Write the missing files; returns their names."""
    written = []
    for name, value in examples().items():
        path = FOLDER / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            written.append(name)
    return written


if __name__ == "__main__":
    for name in freeze():
        print(name)  # noqa: T201
