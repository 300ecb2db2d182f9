"""Every regular expression takes time in proportion to its text, whatever the text is.

Python cannot interrupt a pattern that runs, so no budget of time protects from one that does not:
each is tried on lines made against it (what stands before each of its repetitions, then that
repetition many times, then something that fits nowhere) and on a few that hurt most patterns.
"""

from __future__ import annotations

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import digest
from digest import redaction
from digest.web import passages

HOUSE = Path(digest.__file__).parent
FUNCTIONS = {
    "compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer",
}  # fmt: skip
AT_ONE_PLACE = {"match", "fullmatch"}

MADE_AT_RUN_TIME: dict[str, list[str | re.Pattern[str]]] = {
    "bounces.verp:delivery_named": [
        r"(?<![\w.+-])news\+([A-Za-z0-9_.=-]{1,64})@a\.example(?!\.?[\w-])"
    ],
    "bounces.classify:_about_someone_else": [r"(?<![\w.+-])(?:a@b\.example|c@d\.example)(?![\w-])"],
    "daily.bounces:_is_of_service_mail": [
        r"<(?:confirm|welcome|goodbye|paused|alert)\.[0-9a-f]{24}@a\.example>"
    ],
    "web.passages:_beginning_with": [passages._beginning_with(["prunin", "knn", "c++"])],
    "redaction:_whole": [redaction._whole("news+x@a.example")],
    "redaction:_spellings": [*redaction._spellings("news+x@a.example")],
    "subscriptions.preferences:_items": [r"[;,|\s]+", r"[;,|\n]+"],
    "mail.headlines:theme_of": [r"(?<!\w)quiet\ folding?s?(?!\w)", r"(?<!\w)c\+\+s?(?!\w)"],
    "editorial.cues:_cues": [],  # found where they are kept
}
"""Functions that put a pattern together at run time, each with such as it may make."""

NOT_YET_LINEAR: dict[str, str] = {}
"""Patterns known to be slow, each with the day by which it is mended. To be empty."""

THE_OPERATOR_S = {"mail.inlining:_LEXEMES", "mail.inlined_cache:_JINJA"}
"""Patterns for what only the operator writes (templates, read once at start)."""


@dataclass(frozen=True)
class Use:
    """A pattern, where it stands, and by which methods it is used (as far as can be seen)."""

    name: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]


def module_names() -> list[str]:
    found = []
    for path in sorted(HOUSE.rglob("*.py")):
        parts = path.relative_to(HOUSE.parent).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        if "migrations" not in parts and "__main__" not in parts:
            found.append(".".join(parts))
    return found


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(Path(importlib.import_module(name).__file__ or "").read_text("utf-8"))


@cache
def methods_by_name() -> dict[tuple[str, str], frozenset[str]]:
    """Of each module's variables on which methods of patterns are called: which methods.

    A name without an underscore in front may be another module's: under ``""`` it is all of them.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for module in module_names():
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.Attribute) and node.attr in FUNCTIONS:
                owner = node.value
                name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
                found.setdefault((module, name), set()).add(node.attr)
                found.setdefault(("", name), set()).add(node.attr)
    return {name: frozenset(methods) for name, methods in found.items()}


def methods_of_each(module: str, variable: str) -> frozenset[str]:
    """The methods called on what a loop of the module takes out of ``variable``."""
    methods: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.For | ast.comprehension) and ast.unparse(node.iter) == variable:
            names = {each.id for each in ast.walk(node.target) if isinstance(each, ast.Name)}
            for name in names:
                methods |= methods_by_name().get((module, name), frozenset())
    return frozenset(methods)


def patterns_in(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from patterns_in([*value, *value.values()], depth)
    elif isinstance(value, list | tuple | set | frozenset) and depth < 4:
        for each in value:
            yield from patterns_in(each, depth + 1)


def of_module(name: str) -> Iterator[Use]:
    """The patterns of a module: its compiled ones, and those written where they are used."""
    module = importlib.import_module(name)
    short = name.removeprefix("digest.")
    own = {
        target.id
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for variable, value in list(vars(module).items()):
        if variable in own:
            home = name if variable.startswith("_") else ""
            methods = methods_by_name().get((home, variable)) or methods_of_each(name, variable)
            for found in patterns_in(value):
                yield Use(f"{short}:{variable}", found, methods)
    for function, call in re_calls(tree(name)):
        where = f"{short}:{function}"
        try:
            sources = [eval(ast.unparse(call.args[0]), dict(vars(module)))]
        except NameError:
            assert where in MADE_AT_RUN_TIME, f"{where}: say in MADE_AT_RUN_TIME what it may make"
            sources = MADE_AT_RUN_TIME[where]
        for source in sources:
            pattern = source
            if not isinstance(source, re.Pattern):
                pattern = re.compile(source, flags(call, vars(module)))
            yield Use(where, pattern, frozenset({call.func.attr}))  # type: ignore[attr-defined]


def re_calls(module: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Calls of ``re`` and the function that each is in.

    Left out are those whose result is a name of the module: there it is found.
    """
    for statement in module.body:
        named = isinstance(statement, ast.Assign | ast.AnnAssign)
        for function, node in inside(statement, ""):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                called = ast.unparse(node.func)
                if not called.startswith("re.") or node.func.attr not in FUNCTIONS:
                    continue
                if not (named and called == "re.compile"):
                    yield function, node


def inside(node: ast.AST, function: str) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        function = node.name
    yield function, node
    for child in ast.iter_child_nodes(node):
        yield from inside(child, function)


def flags(call: ast.Call, names: dict[str, Any]) -> int:
    said = [*call.args, *(keyword.value for keyword in call.keywords)]
    written = [one for one in said if re.fullmatch(r"re\.[A-Z]+", ast.unparse(one))]
    return sum((int(eval(ast.unparse(one), dict(names))) for one in written), 0)


# Lines made against a pattern.

ANYTHING = ["a", "A", "1", " ", ".", ",", "-", "(", "[", "{", "<", "\\", "/", '"', "\n", "é", ":"]
UNITS = [
    *ANYTHING, "$", "^", "_", "~", "*", "`", "'", "|", "=", "@", "#", "&", ";", "!", "?", "\x00",
    ". ", "a ", "A ", "1 ", "a.", "a-", "a/", "a@", "a: ", "(a", "[a", "[a\n", "{a", "<a ", "<a>",
    "\\a", "a,", "1,", "1.", "http://", "http://a.", "www.", "\r\n", "\t", "…", "中", "\u0301",
    "\u200d", "a=\"", "{{", "--", "**", "```", "of the ", "We ", "et al. ", "\\frac{", "]", ")",
]  # fmt: skip
TAILS = ["", "\x00", "!\n"]


def attacks(pattern: re.Pattern[Any]) -> set[tuple[str, str, str]]:
    """Lines as (what comes first, what is repeated, what comes last)."""
    made = {("", unit, "") for unit in UNITS}
    parsed = parser.parse(pattern.pattern, pattern.flags)
    for before, pump in repetitions(list(parsed), ""):
        for tail in TAILS:
            made.add((before, pump, tail))
        made.add(("", before + pump, ""))
        made.add(("", before + pump * 3, ""))
    return {attack for attack in made if attack[1]}


def repetitions(items: list[Any], before: str) -> Iterator[tuple[str, str]]:
    """For each repetition inside a parsed pattern: a text that leads to it, one that it takes."""
    for index, (kind, rest) in enumerate(items):
        if kind in (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT):
            least, most, body = rest
            inside = list(body)
            if most is code.MAXREPEAT or most > 8:
                for pump in pumps(inside):
                    yield before, pump
                    for follower in following(items[index + 1 :]):
                        yield before, pump + follower
            yield from repetitions(inside, before)
            before += sample(inside) * max(least, 1)
            continue
        for branch in branches(kind, rest):
            yield from repetitions(branch, before)
        before += sample([(kind, rest)])


def following(items: list[Any]) -> set[str]:
    said = sample(items[:1])
    return {said} if said else set()


def branches(kind: Any, rest: Any) -> list[list[Any]]:
    if kind is code.BRANCH:
        return [list(branch) for branch in rest[1]]
    if kind is code.SUBPATTERN:
        return [list(rest[-1])]
    if kind in (code.ASSERT, code.ASSERT_NOT):
        return [list(rest[1])]
    if kind is code.ATOMIC_GROUP:
        return [list(rest)]
    return []


def pumps(body: list[Any]) -> set[str]:
    """Some texts that one round of a repetition takes."""
    if len(body) == 1 and body[0][0] in (code.IN, code.ANY, code.NOT_LITERAL, code.LITERAL):
        fit = re_of(body[0])
        return {one for one in [*ANYTHING, sample(body)] if one and fit(one)} or {sample(body)}
    taken = {sample(body), sample(body, 1)}
    for kind, rest in body:
        for branch in branches(kind, rest):
            taken |= {sample(branch), *(pumps(branch) if len(branch) == 1 else ())}
            for inner in branches(*branch[0]) if branch else ():
                taken.add(sample(inner))
    return {one for one in taken if one}


def re_of(item: Any) -> Callable[[str], bool]:
    return lambda char: any(member(char, item))


def member(char: str, item: Any) -> Iterator[bool]:
    kind, rest = item
    number = ord(char[0])
    if kind is code.ANY:
        yield char != "\n"
    elif kind is code.LITERAL:
        yield number == rest
    elif kind is code.NOT_LITERAL:
        yield number != rest
    elif kind is code.RANGE:
        yield rest[0] <= number <= rest[1]
    elif kind is code.CATEGORY:
        yield bool(CATEGORIES[rest].match(char))
    elif kind is code.IN:
        negated = rest[0][0] is code.NEGATE
        inside = any(any(member(char, each)) for each in (rest[1:] if negated else rest))
        yield inside is not negated


CATEGORIES = {
    code.CATEGORY_DIGIT: re.compile(r"\d"), code.CATEGORY_NOT_DIGIT: re.compile(r"\D"),
    code.CATEGORY_SPACE: re.compile(r"\s"), code.CATEGORY_NOT_SPACE: re.compile(r"\S"),
    code.CATEGORY_WORD: re.compile(r"\w"), code.CATEGORY_NOT_WORD: re.compile(r"\W"),
}  # fmt: skip


def sample(items: Iterable[Any], extra: int = 0) -> str:
    """One text that a parsed pattern takes; assertions aside."""
    said = ""
    for kind, rest in items:
        if kind is code.LITERAL:
            said += chr(rest)
        elif kind in (code.IN, code.ANY, code.NOT_LITERAL):
            said += letter((kind, rest))
        elif kind in (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT):
            said += sample(rest[2]) * (min(rest[0], 600) + extra)
        elif kind in (code.ASSERT, code.ASSERT_NOT):
            said += sample(rest[1]) if kind is code.ASSERT and rest[0] < 0 and not said else ""
        else:
            said += next((sample(branch) for branch in branches(kind, rest)), "")
    return said


def letter(item: Any) -> str:
    common = (char for char in "a 1A.-_,({\\\n/é" if any(member(char, item)))
    rare = (chr(number) for number in range(1, 0x3100) if any(member(chr(number), item)))
    return next(common, None) or next(rare, None) or "\ue000"


# Time.

SIZES = (*range(12, 48, 4), 56, 68, 88, 114, 148, 192, 640, 2_560)
SUSPECT = 0.003
"""Seconds of processor time for the longest of ``SIZES`` from which on growth is looked at."""
HOPELESS = 0.03
"""Seconds for a shorter one that are too many whatever comes after."""
STEEPEST = 9
"""Times as long for a line four times as long: 4 if linear, 16 if quadratic."""
DEAREST = 40e-6
"""Seconds for a character of a hostile line that even a linear pattern may not pass."""


def line(attack: tuple[str, str, str], size: int) -> str:
    first, unit, last = attack
    return first + unit * (size // len(unit) + 1) + last


def seconds(use: Use, text: str) -> float:
    subject: Any = text
    if isinstance(use.pattern.pattern, bytes):
        subject = text.encode("utf-8", "surrogatepass")
    began = time.thread_time()
    for method in AT_ONE_PLACE & use.methods:
        getattr(use.pattern, method)(subject)
    if not use.methods or use.methods - AT_ONE_PLACE:
        for _ in use.pattern.finditer(subject):
            pass
    return time.thread_time() - began


def complaint(use: Use) -> str:
    """What is wrong with a pattern: the line that takes it too long; empty if none does."""
    for attack in sorted(attacks(use.pattern)):
        for size in SIZES:
            taken = seconds(use, line(attack, size))
            if taken > HOPELESS:
                return f"{attack!r} × {size}: more than {HOPELESS} s"
        if taken > SUSPECT and (said := growth(use, attack)):
            return said
    return ""


def growth(use: Use, attack: tuple[str, str, str]) -> str:
    """How time grows with a line, if too steeply each time it is measured."""
    long = 4 * SIZES[-1]
    for _ in range(4):
        taken = seconds(use, line(attack, long))
        ratio = taken / max(seconds(use, line(attack, SIZES[-1])), 1e-6)
        if ratio <= STEEPEST and taken / long <= DEAREST:
            return ""
    return f"{attack!r}: ×{ratio:.0f} for four times as long, {taken / long * 1e6:.0f} µs/char"


@pytest.mark.parametrize("name", module_names())
def test_a_pattern_takes_time_in_proportion_to_its_text(name: str) -> None:
    complaints: dict[str, str] = {}
    for use in of_module(name):
        if use.name not in {*NOT_YET_LINEAR, *THE_OPERATOR_S} and (said := complaint(use)):
            complaints[f"{use.name} {use.pattern.pattern!r}"] = said
    assert not complaints, "\n".join(f"{where}\n    {said}" for where, said in complaints.items())


def test_what_is_called_slow_stands_somewhere() -> None:
    names = {use.name for module in module_names() for use in of_module(module)}
    assert {*NOT_YET_LINEAR, *THE_OPERATOR_S} <= names


def test_patterns_are_used_through_the_module_re_only() -> None:
    for module in module_names():
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.ImportFrom):
                assert node.module not in {"re", "regex"}, f"{module}: import re and say re.sub"


@pytest.mark.parametrize(
    "slow", [r"(a+)+$", r"(?:a|a)*b", r"\s+$", r"(?:\w+\s?)*:", r"<[^>]*>", r"^(a|b|ab)*c$"]
)
def test_a_slow_pattern_is_found(slow: str) -> None:
    assert complaint(Use("made", re.compile(slow), frozenset({"search"})))


@pytest.mark.parametrize(
    ("fast", "method"), [(r"a+b", "match"), (r"<[^<>]*>", "sub"), (r"(?<!\s)\s+$", "search")]
)
def test_a_linear_pattern_is_not_called_slow(fast: str, method: str) -> None:
    assert not complaint(Use("made", re.compile(fast), frozenset({method})))
