"""Finds, in plans as EXPLAIN writes them, the tables of which everything is read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SCAN = re.compile(r"(Seq|Index|Index Only|Bitmap Heap) Scan (?:Backward )?(?:using (\w+) )?on (\w+)")
_BITMAP = re.compile(r"Bitmap Index Scan on (\w+)")
_NEEDS_ALL = re.compile(r"^(Sort|.*Aggregate|Hash|Materialize|WindowAgg|Unique)\b")


@dataclass
class _Node:
    indent: int
    head: str
    details: list[str]
    parents: "tuple[_Node, ...]"
    children: "list[_Node]"


def whole_reads(content: str, partial: frozenset[str]) -> list[str]:
    """A table for each place where it is read from end to end: without an index, or by all of one.

    The first rows of an index in its order, up to a limit, are not everything, unless more than the rows
    that are wanted has to be read to find them. Nor is what a `partial` index holds.
    """
    return [table for node in _nodes(content) if (table := _whole(node, partial)) is not None]


def _whole(node: _Node, partial: frozenset[str]) -> str | None:
    found = _SCAN.search(node.head)
    if found is None:
        return None
    how, index, table = found.groups()
    if how == "Seq":
        return table
    if how == "Bitmap Heap":
        scans = [child for child in _below(node) if _BITMAP.search(child.head)]
        return table if any(_reads_all(one, _index_of(one), partial) for one in scans) else None
    if not _reads_all(node, index, partial):
        return None
    return None if _is_limited(node) else table


def _reads_all(node: _Node, index: str, partial: frozenset[str]) -> bool:
    return index not in partial and not any(line.startswith("Index Cond:") for line in node.details)


def _is_limited(node: _Node) -> bool:
    """Whether a limit stands above, and nothing between them that reads all first."""
    if any(line.startswith("Filter:") for line in node.details):
        return False
    for parent in reversed(node.parents):
        if parent.head.startswith("Limit"):
            return True
        if _NEEDS_ALL.match(parent.head):
            return False
    return False


def _index_of(node: _Node) -> str:
    found = _BITMAP.search(node.head)
    return found[1] if found else ""


def _below(node: _Node) -> Iterator[_Node]:
    for child in node.children:
        yield child
        yield from _below(child)


def _nodes(content: str) -> list[_Node]:
    """Every node of every plan. A node is a line that says what is done; its details stand below it."""
    nodes: list[_Node] = []
    above: list[_Node] = []
    for line in content.splitlines():
        text = line.strip()
        indent = len(line) - len(line.lstrip())
        if text.startswith("->") or (indent == 0 and text and not text.startswith("--")):
            above = [one for one in above if one.indent < indent]
            node = _Node(indent, text.removeprefix("->").strip(), [], tuple(above), [])
            if above:
                above[-1].children.append(node)
            above.append(node)
            nodes.append(node)
        elif above and text:
            above[-1].details.append(text)
    return nodes
