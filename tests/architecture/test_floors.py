"""What our figures are compared with has nothing of ours in it."""

from tests.architecture.source import source_files

MEASURED = ("shared", "services")


def test_floors_import_nothing_of_what_they_are_compared_with() -> None:
    """Nor does what they take from the tests."""
    by_name = {file.name: file for file in source_files("tests")}
    seen, waiting = set[str](), {file.name for file in source_files("tests/bench/floors")}
    assert waiting
    while waiting:
        name = waiting.pop()
        seen.add(name)
        modules = {part for one in by_name[name].imports() for part in (one, one.rpartition(".")[0])}
        waiting |= {f"{module.replace('.', '/')}.py" for module in modules} & by_name.keys() - seen
    ours = [name for name in sorted(seen) if any(by_name[name].imports_package(each) for each in MEASURED)]
    assert not ours
