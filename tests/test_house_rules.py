"""The rooms keep to themselves: who may import whom, and who owns which library."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import digest

HOUSE = Path(digest.__file__).parent
VOCABULARY = {"errors", "model", "hours", "latex", "redaction", "visible"}

ROOMS = {
    "errors": set(),
    "model": {"hours"},
    "hours": set(),
    "latex": set(),
    "redaction": set(),
    "samples": set(),
    "visible": set(),
    "settings": {"errors", "hours"},
    "sources": VOCABULARY,
    "editorial": VOCABULARY,
    "mail": VOCABULARY,
    "delivery": VOCABULARY,
    "store": VOCABULARY,
    "subscriptions": VOCABULARY | {"store", "mail", "delivery", "editorial"},
    "daily": VOCABULARY | {"sources", "editorial", "mail", "delivery", "store", "subscriptions"},
    "web": VOCABULARY | {"subscriptions", "daily", "store", "mail", "editorial"},
    "scheduler": VOCABULARY,
    "wiring": {"*"},
    "cli": {"*"},
}
"""What each room may import besides itself. ``wiring`` meets everyone; only ``cli`` meets it."""

EXCEPTIONS = {("delivery.outbox", "mail.message")}

OWNERS = {
    "jinja2": {"mail", "web"},
    "premailer": {"mail"},
    "rapidfuzz": {"editorial.identity"},
    "smtplib": {"delivery"},
    "imapclient": {"delivery.imap_client"},
    "flufl": {"delivery.reports"},
    "dns": {"delivery.resolver"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "apscheduler": {"scheduler"},
    "starlette": {"web"},
    "uvicorn": {"web", "wiring"},
    "typer": {"cli"},
    "click": {"cli"},
    "rich": {"cli"},
    "itsdangerous": {"mail.tokens"},
    "pydantic_settings": {"settings"},
    "dotenv": {"settings"},
    "httpx": {"sources"},
}


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(HOUSE.rglob("*.py")):
        parts = path.relative_to(HOUSE).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        if parts and "versions" not in parts:
            found[".".join(parts)] = path
    return found


MODULES = modules()


def imports(path: Path, *, lazy: bool = True) -> Iterator[str]:
    """Every module that is imported, in functions too; those only for type checking left out."""
    for node in _statements(ast.parse(path.read_text(encoding="utf-8")), lazy=lazy):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _statements(node: ast.AST, *, lazy: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if not lazy and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        yield child
        yield from _statements(child, lazy=lazy)


def inside(path: Path) -> set[str]:
    """The modules of this project that a file imports."""
    names = (name.removeprefix("digest.") for name in imports(path) if name.startswith("digest."))
    return {name for name in names if name in MODULES}


@pytest.mark.parametrize("name", MODULES)
def test_a_room_imports_only_the_rooms_it_may(name: str) -> None:
    room = name.split(".")[0]
    allowed = ROOMS[room]
    strangers = {
        other
        for other in inside(MODULES[name])
        if other.split(".")[0] != room
        and "*" not in allowed
        and other.split(".")[0] not in allowed
        and (name, other) not in EXCEPTIONS
    }
    assert not strangers


@pytest.mark.parametrize("name", MODULES)
def test_a_library_is_imported_by_its_owner_only(name: str) -> None:
    for imported in imports(MODULES[name]):
        owners = OWNERS.get(imported.split(".")[0])
        if owners is not None:
            assert any(name == owner or name.startswith(f"{owner}.") for owner in owners), imported


def test_no_file_outgrows_a_reader() -> None:
    lengths = {
        name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()
    }
    assert {name: length for name, length in lengths.items() if length > 450} == {}


def test_the_vocabulary_imports_only_the_standard_library() -> None:
    for name, path in MODULES.items():
        if name.split(".")[0] in {"errors", "model", "hours", "redaction", "visible"}:
            outside = {imported.split(".")[0] for imported in imports(path)} - {"digest"}
            assert outside <= sys.stdlib_module_names


def test_only_the_command_line_imports_the_wiring() -> None:
    users = {name for name, path in MODULES.items() if "wiring" in inside(path)}
    assert all(user.split(".")[0] in {"cli", "wiring"} for user in users), users


def test_there_is_no_import_cycle_between_modules() -> None:
    packages = {name for name, path in MODULES.items() if path.name == "__init__.py"}
    graph = {name: inside(path) - {name} - packages for name, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"cycle: {' -> '.join(error.args[1])}")
