"""Writes the generated vectors: `python -m tests.vectors` (make vectors)."""

from pathlib import Path

from tests.vectors.generated import generated_texts

FOLDER = Path(__file__).parent / "slots"

if __name__ == "__main__":
    for name, text in generated_texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(name)  # noqa: T201
