"""Docstrings begin with a verb or a noun, and every name they mention is one that there is."""

from __future__ import annotations

import ast
import builtins
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import digest
from digest import errors

HOUSE = Path(digest.__file__).parent
RELATIVE = [
    "What",
    "Whether",
    "How",
    "Where",
    "Which",
    "Who",
    "Whom",
    "Whose",
    "Why",
    "When",
    "That",
]
MENTIONED = re.compile(r"(?<!`)`~?([A-Za-z_][\w.]*)(?:\(\))?`(?!`)")


def trees() -> dict[str, ast.Module]:
    """The syntax tree of every module by its dotted name; migrations left out."""
    return {
        ".".join(path.relative_to(HOUSE.parent).with_suffix("").parts).removesuffix(
            ".__init__"
        ): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(HOUSE.rglob("*.py"))
        if "versions" not in path.parts
    }


TREES = trees()


def names_in(tree: ast.AST) -> set[str]:
    """Every name that is defined, assigned, taken as a parameter or imported somewhere in there."""
    names = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Name(ctx=ast.Store()):
                names.add(node.id)
            case ast.Attribute(ctx=ast.Store()):
                names.add(node.attr)
            case ast.arg():
                names.add(node.arg)
            case ast.alias():
                names.add((node.asname or node.name).split(".")[0])
    return names


NAMES = {module: names_in(tree) for module, tree in TREES.items()}
MEMBERS = {
    node.name: names_in(node)
    for tree in TREES.values()
    for node in ast.walk(tree)
    if isinstance(node, ast.ClassDef)
}


def texts(tree: ast.Module) -> Iterator[str]:
    """The docstrings of a module, those of constants and fields among them."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield text


def known_in(module: str, name: str) -> bool:
    """True if a docstring of that module may call something by ``name``."""
    head, _, rest = name.partition(".")
    if head == "digest":
        owner = name
        while owner not in TREES:
            owner = owner.rpartition(".")[0]
        return set(name.removeprefix(owner).split(".")) - {""} <= NAMES[owner]
    neighbour = f"{module.rpartition('.')[0] if module not in PACKAGES else module}.{head}"
    if not rest:
        known = {*NAMES[module], *dir(builtins), *dir(errors)}
        return name in known or neighbour in TREES or is_library(name)
    if head in MEMBERS and rest in MEMBERS[head]:
        return True
    return (neighbour in TREES and rest in NAMES[neighbour]) or is_library(name)


PACKAGES = {
    ".".join(path.parent.relative_to(HOUSE.parent).parts) for path in HOUSE.rglob("__init__.py")
}


def is_library(name: str) -> bool:
    """True if it is a module, or something in one, that this project does not define."""
    module, _, rest = name.partition(".")
    try:
        found: object = importlib.import_module(module)
        for part in rest.split(".") if rest else ():
            found = getattr(found, part)
    except (ImportError, AttributeError):
        return False
    return True


@pytest.mark.parametrize("module", TREES)
def test_a_name_that_a_docstring_mentions_is_one_that_there_is(module: str) -> None:
    mentioned = {name for text in texts(TREES[module]) for name in MENTIONED.findall(text)}
    assert {name for name in mentioned if not known_in(module, name)} == set()


@pytest.mark.parametrize("module", TREES)
def test_a_docstring_begins_with_a_verb_or_a_noun(module: str) -> None:
    first_words = {
        node_text.split(maxsplit=1)[0].strip(".,:")
        for node in ast.walk(TREES[module])
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if (node_text := ast.get_docstring(node))
    }
    assert first_words.isdisjoint(RELATIVE)
