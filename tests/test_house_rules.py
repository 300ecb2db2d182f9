"""The rooms keep to themselves: who may import whom, and who owns which library.

Every import counts: at the top of a module, inside a function, and under ``TYPE_CHECKING``, of
modules and of packages.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import digest

HOUSE = Path(digest.__file__).parent
VOCABULARY = {"errors", "model", "hours", "latex", "redaction", "visible", "tls"}
VOCABULARY |= {"arxiv_ids", "bounded_reader", "email_address", "private_files", "unicode_forms"}
VOCABULARY |= {"json_objects", "retry_after"}

ROOMS = {
    "errors": set(),
    "model": {"hours"},
    "hours": set(),
    "arxiv_ids": set(),
    "json_objects": {"model"},
    "latex": {"unicode_forms"},
    "redaction": {"unicode_forms", "email_address"},
    "unicode_forms": set(),
    "email_address": {"errors", "unicode_forms"},
    "visible": set(),
    "bounded_reader": set(),
    "private_files": set(),
    "retry_after": set(),
    "tls": {"errors"},
    "samples": set(),
    "settings": {"errors", "hours", "model"},
    "sources": VOCABULARY,
    "editorial": VOCABULARY,
    "citations": VOCABULARY,
    "ranking": VOCABULARY,
    "mail": VOCABULARY,
    "delivery": VOCABULARY,
    "bounces": VOCABULARY,
    "channels": VOCABULARY,
    "deliverability": VOCABULARY,
    "store": VOCABULARY,
    "restore_guard": VOCABULARY | {"delivery", "store"},
    "subscriptions": VOCABULARY | {"store", "mail", "delivery", "sources", "editorial"},
    "daily": VOCABULARY
    | {"sources", "editorial", "ranking", "mail", "delivery", "bounces", "store"}
    | {"channels", "restore_guard", "subscriptions"},
    "web": VOCABULARY | {"subscriptions", "store", "mail", "editorial", "citations"},
    "library": VOCABULARY | {"sources", "editorial", "mail", "store", "daily"},
    "scheduler": VOCABULARY,
    "wiring": {"*"},
    "cli": {"*"},
    "__main__": {"cli"},
}
"""What each room may import besides itself. ``wiring`` meets everyone; only ``cli`` meets it."""

OWNERS = {
    "jinja2": {"mail", "web"},
    "premailer": {"mail"},
    "numpy": {"ranking"},
    "rapidfuzz": {"editorial.likeness"},
    "smtplib": {"delivery"},
    "imapclient": {"bounces.imap_client"},
    "flufl": {"bounces.reports"},
    "dns": {"deliverability.resolver"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "apscheduler": {"scheduler"},
    "starlette": {"web"},
    "uvicorn": {"web"},
    "typer": {"cli"},
    "rich": {"cli"},
    "itsdangerous": {"mail.tokens"},
    "pydantic_settings": {"settings"},
    "dotenv": {"settings"},
    "httpx": {"sources", "channels.exchange"},
    "feedparser": {"sources.feeds"},
}


def modules() -> dict[str, Path]:
    """Every module and package by its dotted name below ``digest``; migrations left out."""
    found = {}
    for path in sorted(HOUSE.rglob("*.py")):
        parts = path.relative_to(HOUSE).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        if parts and "versions" not in parts:
            found[".".join(parts)] = path
    return found


MODULES = modules()


def imports(path: Path) -> Iterator[str]:
    """The dotted name of everything a file imports, a name from a module as ``module.name``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(path: Path) -> set[str]:
    """The modules of this project that a file imports: a package only for a name it defines."""
    found = set()
    for name in imports(path):
        if name.startswith("digest."):
            local = name.removeprefix("digest.")
            found.add(local if local in MODULES else local.rpartition(".")[0])
    return found & MODULES.keys()


@pytest.mark.parametrize("name", MODULES)
def test_a_room_imports_only_the_rooms_it_may(name: str) -> None:
    room = name.split(".")[0]
    allowed = ROOMS[room]
    if "*" in allowed:
        return
    strangers = {
        other for other in inside(MODULES[name]) if other.split(".")[0] not in {room, *allowed}
    }
    assert not strangers


@pytest.mark.parametrize("name", MODULES)
def test_a_library_is_imported_by_its_owner_only(name: str) -> None:
    for imported in imports(MODULES[name]):
        owners = OWNERS.get(imported.split(".")[0])
        if owners is not None:
            assert any(name == owner or name.startswith(f"{owner}.") for owner in owners), imported


def test_unicode_is_normalised_in_one_place_since_it_may_take_the_square_of_the_length() -> None:
    """A name is a use, too: of an alias, of a method taken for later, of the codec "idna"."""
    callers = {
        name
        for name, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr == "normalize")
        or (isinstance(node, ast.ImportFrom) and node.module == "unicodedata")
        or (isinstance(node, ast.Constant) and node.value == "idna")
    }
    assert callers == {"unicode_forms"}


def test_every_permission_is_used() -> None:
    met = {
        (name.split(".")[0], other.split(".")[0])
        for name, path in MODULES.items()
        for other in inside(path)
    }
    unused = {
        f"{room} may import {other}"
        for room, allowed in ROOMS.items()
        for other in allowed - VOCABULARY - {"*"}
        if (room, other) not in met
    }
    libraries = {imported.split(".")[0] for path in MODULES.values() for imported in imports(path)}
    assert not unused
    assert OWNERS.keys() <= libraries


def test_no_file_outgrows_a_screenful_of_outline() -> None:
    lengths = {
        name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()
    }
    assert {name: length for name, length in lengths.items() if length > 450} == {}


def test_the_vocabulary_imports_only_the_standard_library() -> None:
    for name, path in MODULES.items():
        if name.split(".")[0] in VOCABULARY - {"latex"}:
            outside = {imported.split(".")[0] for imported in imports(path)} - {"digest"}
            assert outside <= sys.stdlib_module_names


def test_only_the_command_line_imports_the_wiring() -> None:
    users = {
        name
        for name, path in MODULES.items()
        if any(other.split(".")[0] == "wiring" for other in inside(path))
    }
    assert all(user.split(".")[0] in {"cli", "wiring"} for user in users), users


def test_there_is_no_import_cycle_not_even_a_lazy_one_or_one_for_types() -> None:
    graph = {name: inside(path) - {name} for name, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"cycle: {' -> '.join(error.args[1])}")


def test_every_room_opens_with_a_map() -> None:
    rooms = {name for name, path in MODULES.items() if path.name == "__init__.py"}
    short = {
        room
        for room in rooms - {"store.migrations", "samples"}
        if len((ast.get_docstring(ast.parse(MODULES[room].read_text())) or "").splitlines()) < 5
    }
    assert not short


def test_no_two_public_classes_have_one_name() -> None:
    homes: dict[str, list[str]] = {}
    for name, path in MODULES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(name)
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


LONG_FUNCTIONS = {
    "cli.editions.preview": "Typer: one parameter for each option",
    "cli.subscribers.add": "Typer: one parameter for each option",
    "sources.__init__": "each option of a reader of locations has its own default",
}
"""Functions beyond `MAX_LINES` or `MAX_PARAMETERS`, each with the reason."""

MAX_LINES = 40
MAX_PARAMETERS = 6

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[str, Function]]:
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, Function):
                yield f"{name}.{node.name}", node


def outgrown(node: Function) -> bool:
    arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
    parameters = [argument for argument in arguments if argument.arg not in ("self", "cls")]
    return (node.end_lineno or 0) - node.lineno >= MAX_LINES or len(parameters) > MAX_PARAMETERS


def test_a_function_fits_on_a_screen_and_its_parameters_in_a_head() -> None:
    assert {name for name, node in functions() if outgrown(node)} == LONG_FUNCTIONS.keys()
