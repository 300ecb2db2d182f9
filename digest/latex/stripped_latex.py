"""The small table for LaTeX whose backslashes and dollar signs somebody has deleted.

Only what cannot be meant otherwise is undone: ``7.6times`` but not ``6 times``, ``F_1`` but not
``alpha_dropout``, ``sim 80%`` but not ``sim-to-real``.
"""

from __future__ import annotations

import re

from digest.latex.symbols import GREEK, NEVER_ENGLISH, SYMBOLS

_MOST_LEVELS = 12
"""Groups within groups that are looked at; honest texts have three at most."""
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"

_RAISED_NAMES = {
    "circ": "°", "∘": "°", "°": "°", "deg": "°", "dagger": "†", "†": "†", "ddagger": "‡",
    "‡": "‡", "ast": "*", "*": "*", "∗": "*", "star": "*", "⋆": "*", "prime": "′", "′": "′",
    "top": "ᵀ", "⊤": "ᵀ", "th": "th", "st": "st", "nd": "nd", "rd": "rd", "TM": "™", "tm": "™",
}  # fmt: skip
_RAISED = str.maketrans(
    "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδ",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟ",
)
_LOWERED = str.maketrans(
    "0123456789+-−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ"
)
_COLOURS = "black|blue|red|green|orange|purple|gray|grey|brown|magenta|cyan|teal"
_STYLE_WORDS = (
    r"text(?:it|bf|tt|sc|rm|sf|sl|up|md|normal)?|math(?:bf|rm|cal|bb|sf|it|tt|frak|scr)|"
    rf"operatorname|mbox|hbox|emph|underline|boldsymbol|uline|{_COLOURS}"
)

# Half-stripped remains: what to find, and what it says. A style's name glued to its braces; a
# fraction; units and signs glued to a number; names that are no English word.
_GLUED = tuple(
    (needle, re.compile(pattern), replacement)
    for needle, pattern, replacement in (
        ("{", r"\{(?:em|bf|it|tt|sc|rm) ([^{}]*)\}", r"\1"),
        ("{", rf"(?<![A-Za-z])(?:{_STYLE_WORDS})\{{([^{{}}]*)\}}", r"\1"),
        ("frac{", r"(?<![A-Za-z])d?frac\{([^{}]*)\}\{([^{}]*)\}", r"\1/\2"),
        ("sqrt{", r"(?<![A-Za-z])sqrt\{([^{}]*)\}", r"√(\1)"),
        ("{sim}", r"\{sim\} ?", "~"),
        ("mu", r"(?<=\})( ?)mu(?=[smgLWJA](?![A-Za-z]))", r"\1μ"),
    )
)
_NAMED = tuple(
    (needle, re.compile(pattern), replacement)
    for needle, pattern, replacement in (
        ("~", r"(?<=[A-Za-z])~(?=[A-Za-z])", " "),
        ("√(", r"√\((\w+)\)", r"√\1"),
        ("math", r"\bmath(?:cal|bb|bf|rm) ([A-Za-z])(?![A-Za-z])", r"\1"),
        ("times", r"(?<=\d)times(?: ?(?=\d)|(?![A-Za-z]))", "×"),
        ("circ", r"(?<=\d) ?\^?circ(?![A-Za-z])", "°"),
        ("sim", r"(?<=\d)sim ?(?=\d)", "~"),
        ("sim", r"(?<![\w-])(?<!\bin )(?<!\bour )(?<!\bthe )(?<!\bfrom )(?<!\ba )sim ?(?=\d)", "~"),
        ("langle", r"(?<![A-Za-z])langle ?([^⟨⟩]{1,80}?) ?rangle(?![A-Za-z])", r"⟨\1⟩"),
        ("pm", r"(\d\.\d+) ?pm ?(?=\d)", r"\1±"),
        ("mu", r"(?<=\d)( ?)mu(?=[smgLWJA]?(?![A-Za-z]))", r"\1μ"),
    )
)
_SYMBOL_NAMES = re.compile(rf"(?<![A-Za-z0-9_\\/.@-])({NEVER_ENGLISH})(?![a-z])")
_GREEK_BASES = re.compile(
    rf"(?<![\w\\/.@])({'|'.join(GREEK)})(?=[_^](?:\{{|[A-Za-z0-9](?![A-Za-z0-9_])))"
)
_BRACE = re.compile(r"([{}])")
_SCRIPT_MARK = re.compile(r"([_^]) ?$")
_SIGN_IN_A_SET = re.compile("[,:;|=…]")
_GLUABLE = re.compile(r"[^\W_]{2}")
_BRACED_NAME = re.compile(r"\{\\?([A-Za-z]+)\}")
_RAISED_GROUP = re.compile(r"\^ ?\{([^{}]*)\}")
_RAISED_NAME = re.compile(
    r"(?<=[^\s^_{}])\^(circ|dagger|ddagger|prime|star|ast|top|[∘°†‡*∗⋆′⊤])(?![a-z])|"
    r"(?<=\d)\^(th|st|nd|rd)\b"
)
_RAISED_BARE = re.compile(
    r"(?<![\s^_{}])(?<=[^\W_]|[)\]₀-₉])\^([+-]?\d+|[A-Za-z](?![A-Za-z0-9])|[+](?!\w))"
)
_LOWERED_GROUP = re.compile(r"(?<=\S)_ ?\{([^{}]*)\}")
_LOWERED_BARE = re.compile(
    r"(?<![A-Za-z_/.@])([^\W\d_]|CO|SO|NO|SiO|TiO)"
    r"_(\d{1,3}(?:\.\d+)?(?!\w)|\d(?=\^)|[a-z](?![A-Za-z0-9_])|[a-z](?=[a-z]_))"
)


# A blank that LaTeX keeps a line from breaking at: "Fig.~1", "8~FPS", "RTX~4090", not "5~10".
_TIE = re.compile(
    r"(?<=[A-Za-z]\.)~(?=[\w(\[])|(?<=\d)~(?=[A-Za-z]{2})|(?<=[A-Za-z]{2})~(?=\d)|(?<=[a-z]{2})~(?=[A-Za-z(]{2})"
)
# Emphasis by asterisks, as some abstracts have it beside or instead of LaTeX.
_STARRED = re.compile(
    r"\*\*(?=\S)([^*]{1,120}?)(?<=\S)\*\*|(?<![\w*)\]])\*([A-Za-z][^*]{0,60}[\w.)]|[A-Za-z])\*(?![\w*])"
)


def undo_remains(line: str) -> str:
    """Half-stripped LaTeX made readable, by the tables above; then dashes and quotation marks."""
    braced = "{" in line or "}" in line
    closed = "}" in line
    for needle, pattern, replacement in _GLUED if closed else ():
        if needle in line:
            line = pattern.sub(replacement, line)
    for needle, pattern, replacement in _NAMED:
        if needle in line:
            line = pattern.sub(replacement, line)
    line = _SYMBOL_NAMES.sub(lambda match: SYMBOLS.get(match[1], match[1]), line)
    if closed:
        line = _BRACED_NAME.sub(lambda match: SYMBOLS.get(match[1], match[0]), line)
    line = _scripts(line)
    return _punctuation(_ungrouped(line) if braced else line)


def _scripts(line: str) -> str:
    """Superscripts and subscripts, of the kinds that nothing but mathematics has."""
    if "^" not in line and "_" not in line:
        return line
    line = _GREEK_BASES.sub(lambda match: GREEK[match[1]], line)
    if "^" in line:
        line = _RAISED_GROUP.sub(lambda match: _raised(match[1].strip()), line)
        line = _RAISED_NAME.sub(lambda match: _RAISED_NAMES[match[1] or match[2]], line)
        line = _RAISED_BARE.sub(_if_raisable, line)
    if "_" in line:
        line = _LOWERED_GROUP.sub(lambda match: _lowered(match[1].strip()), line)
        line = _LOWERED_BARE.sub(lambda match: match[1] + _lowered(match[2]), line)
    return line


def _if_raisable(match: re.Match[str]) -> str:
    raised = match[1].translate(_RAISED)
    return match[0] if set(raised) & set(match[1]) else raised


def _raised(inside: str) -> str:
    """A superscript: its own characters if there are such, else ``^(…)``."""
    if inside in _RAISED_NAMES or not inside:
        return _RAISED_NAMES.get(inside, "")
    inside = SYMBOLS.get(inside, inside)
    raised = inside.translate(_RAISED)
    if not set(raised) & set(inside) and sum(char.isalpha() for char in inside) <= 2:
        return raised
    return f"^{inside}" if inside.isalpha() else f"^({inside})"


def _lowered(inside: str) -> str:
    """A subscript: its own characters if there are such, else ``_word``."""
    inside = SYMBOLS.get(inside, inside)
    lowered = inside.translate(_LOWERED)
    same = set(lowered) & set(inside)
    if not same and sum(char.isalpha() for char in inside) <= 2:
        return lowered
    if same == {"."} and not any(char.isalpha() for char in inside):
        return lowered
    if inside == "∞" or not inside:
        return inside
    return f"_{inside}" if inside.isalnum() else f"_({inside})"


def _ungrouped(line: str) -> str:
    """Remove grouping braces, keep those of a set (``{0, 1}``)."""
    first, last = line.find("{"), line.rfind("}")
    if 0 <= first < last:
        line = _scripts(
            f"{_resolve_groups(line[:first], line[first : last + 1])}{line[last + 1 :]}"
        )
    line = _BRACE.sub("", line)
    return line.replace(_OPEN, "{").replace(_CLOSE, "}")


def _resolve_groups(before: str, grouped: str) -> str:
    """Resolve the groups in one walk with a stack, each when it ends, so the innermost first.

    Groups around more than a dozen levels, and braces without a partner, stay as they are.
    """
    pieces = ["", before]
    opened: list[int] = []
    levels = [0]
    for piece in _BRACE.split(grouped):
        if piece == "{":
            opened.append(len(pieces))
            levels.append(0)
            pieces.append(piece)
        elif piece == "}" and opened:
            start = opened.pop()
            level = levels.pop() + 1
            if level > _MOST_LEVELS or not _resolve(pieces, start):
                level = _MOST_LEVELS
                pieces.append(piece)
            levels[-1] = max(levels[-1], level)
        elif piece:
            pieces.append(piece)
    return "".join(pieces)


def _resolve(pieces: list[str], start: int) -> bool:
    """Resolve the group from ``start`` on, with its script mark; false if nothing has such a one."""
    inside = "".join(pieces[start + 1 :])
    before = pieces[start - 1]
    script = _SCRIPT_MARK.search(before, max(len(before) - 2, 0))
    if script is not None and (script[1] == "^" or _on_a_character(pieces, start, script[0])):
        scripted = _raised if script[1] == "^" else _lowered
        resolved = [before[: -len(script[0])], scripted(inside.strip())]
        start -= 1
    elif before.endswith("_"):
        return False
    elif _SIGN_IN_A_SET.search(inside) and not (before[-1:].isalnum() or before.endswith("_")):
        resolved = [f"{_OPEN}{inside}{_CLOSE}"]
    else:
        glued = before[-1:].isalnum() and before[-1:].isascii() and _GLUABLE.match(inside)
        resolved = [f" {inside}" if glued else inside]
    pieces[start:] = [piece for piece in resolved if piece]
    return True


def _on_a_character(pieces: list[str], start: int, mark: str) -> bool:
    """Tell whether the script mark before ``start`` stands right after a character, not a blank."""
    before = pieces[start - 1][: -len(mark)] or pieces[start - 2]
    return before != "" and not before[-1].isspace()


def _punctuation(line: str) -> str:
    if "*" in line:
        line = _STARRED.sub(r"\1\2", line)
    if "!-!" in line:
        line = line.replace("!-!", "–")
    if "~" in line:
        line = _TIE.sub(" ", line)
    if ".." in line:
        line = re.sub(r"\b(e\.g|i\.e|et al|etc|vs)\.\.(?!\.)", r"\1.", line)
    if "--" in line:
        line = re.sub(r"(?<=\w)--(?=\w)|(?<=\s)--(?=\s)", "–", line)
        line = re.sub(r"(?<=\w)---(?=\w)|(?<=\s)---(?=\s)", "—", line)
    if "``" in line:
        line = re.sub(r"``([^`]{1,400}?)(?:''|\")", r"“\1”", line)
    return line
