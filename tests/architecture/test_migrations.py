"""What no migration may do, since the version before serves while it runs."""

import ast
import re

import pytest

from tests.architecture.source import SourceFile, production_files

_OF_SQL = re.compile(r"\bALTER\s+(?:COLUMN\s+)?[\w\"]+\s+(?:SET\s+DATA\s+)?TYPE\b", re.IGNORECASE)


def changes_type(tree: ast.AST) -> bool:
    """Whether a column gets another type: in the text of a statement, or by Alembic's own operation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _OF_SQL.search(node.value):
            return True
        if isinstance(node, ast.Call) and any(keyword.arg == "type_" for keyword in node.keywords):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if name == "alter_column":
                return True
    return False


def _migrations() -> list[SourceFile]:
    return [file for file in production_files() if "/migrations/versions/" in file.name]


@pytest.mark.parametrize(
    "source",
    [
        'op.execute("ALTER TABLE job ALTER COLUMN kind TYPE varchar(80)")',
        'op.execute("""alter table job\n    alter kind set data type text""")',
        'op.alter_column("job", "kind", type_=sa.Text())',
    ],
)
def test_another_type_is_seen(source: str) -> None:
    assert changes_type(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        'op.execute("ALTER TABLE job ALTER COLUMN kind SET NOT NULL")',
        'op.alter_column("job", "kind", nullable=False)',
        'op.add_column("job", sa.Column("type", sa.Text()))',
    ],
)
def test_other_changes_are_not_taken_for_it(source: str) -> None:
    assert not changes_type(ast.parse(source))


def test_no_column_gets_another_type() -> None:
    """promise I3: sessions that keep a statement's plan would refuse it as long as their process runs."""
    assert _migrations()
    assert [file.name for file in _migrations() if changes_type(file.tree)] == []
