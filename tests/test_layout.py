"""Test files are found by name: each is named for a module, or listed in ``tests/README.md``."""

from __future__ import annotations

from pathlib import Path

import digest

TESTS = Path(__file__).parent
HOUSE = Path(digest.__file__).parent


def has_namesake(test: Path) -> bool:
    """True if a module, or the package of the folder itself, has the name of that test file."""
    name = test.stem.removeprefix("test_")
    room = HOUSE / test.parent.relative_to(TESTS)
    modules = (room / f"{name}.py", room / name / "__init__.py")
    return any(module.exists() for module in modules) or (name == room.name and room.is_dir())


def test_every_test_file_is_named_for_a_module_or_listed_as_a_scenario() -> None:
    guide = (TESTS / "README.md").read_text(encoding="utf-8")
    names = {path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py")}
    listed = {name for name in names if f"`{name}`" in guide}
    scenarios = {name for name in names if not has_namesake(TESTS / name)}
    assert listed == scenarios
