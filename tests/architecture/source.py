"""The project's own Python source, parsed once for the tests that read it."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("search", "booking", "payment", "notify", "gateway")
WORKERS = ("search", "booking", "payment", "notify")


@dataclass(frozen=True)
class SourceFile:
    """One file: its path from the root, its lines, its syntax tree."""

    path: Path
    lines: tuple[str, ...]
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.as_posix()

    def imports(self) -> set[str]:
        """Every module that is imported anywhere in the file, dotted, with imported names."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.update(f"{node.module}.{alias.name}" for alias in node.names)
        return found

    def imports_package(self, package: str) -> bool:
        return any(name == package or name.startswith(package + ".") for name in self.imports())


@cache
def source_files(*roots: str) -> tuple[SourceFile, ...]:
    """All Python files below these folders, in order of their paths."""
    files = []
    for root in roots:
        for path in sorted((ROOT / root).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            relative = path.relative_to(ROOT)
            files.append(SourceFile(relative, tuple(text.splitlines()), ast.parse(text)))
    return tuple(files)


def production_files() -> tuple[SourceFile, ...]:
    return source_files("shared", "services")


def shipped_files() -> tuple[SourceFile, ...]:
    return source_files("shared", "services", "deploy")


def all_files() -> tuple[SourceFile, ...]:
    return source_files("shared", "services", "deploy", "tests")
