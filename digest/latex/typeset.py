"""Real LaTeX turned into text by pylatexenc, which is imported only when there is some."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from digest.latex.symbols import SYMBOLS

# The parser takes about 0.1 ms for a piece; no honest abstract comes near these.
_LONGEST_PARSED = 20_000
_DEEPEST_PARSED = 40
_MOST_PARSED = 500
_TILDE, _DROPPED = "\ue0f2", "\ue0f3"

# Macros that papers define for themselves, and what their names stand for in running text.
_ABBREVIATIONS = {"eg": "e.g.", "ie": "i.e.", "etal": "et al.", "etc": "etc.", "vs": "vs.", "wrt": "w.r.t.", "Eg": "E.g.", "Ie": "I.e."}  # fmt: skip
_SILENT = frozenset(
    re.findall(
        r"\w+",
        "em bf it tt sc rm sf sl bfseries itshape scshape ttfamily sffamily rmfamily normalfont mdseries upshape "
        "tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge "
        "xspace protect noindent centering displaystyle textstyle limits nolimits left right big Big bigl bigr Bigl "
        "Bigr relax newline linebreak par hfill vfill ignorespaces unskip leavevmode boldmath unboldmath",
    )
)
# What the parser gets wrong or cannot know: which macros say their last argument, which refer to
# something that is not here, which say nothing; and how many arguments some of them take.
_SAYS_LAST_ARGUMENT = re.findall(
    r"\w+",
    "text textbf textit texttt textsc textrm textsf textsl textmd textup textnormal emph underline "
    "uline mathcal mathbf mathrm mathsf mathit mathtt mathfrak boldsymbol bm operatorname mbox hbox "
    "href url path textcolor colorbox textsuperscript textsubscript",
)
_CITES = re.findall(
    r"\w+",
    "cite citep citet citeauthor citeyear citealp ref eqref cref Cref autoref pageref label",
)
_SAYS_NOTHING = ("includegraphics", "vspace", "hspace", "input", "include", "color", "thanks")
_TWO_ARGUMENTS = ("href", "textcolor", "colorbox")
_ONE_ARGUMENT = re.findall(
    r"\w+",
    "vspace hspace color thanks citep citet citealp cref Cref autoref path uline bm texttt text url",
)


def typeset(line: str) -> str:
    """The real LaTeX of a line turned into text; a line without any comes back as it is."""
    line = _mark_money(line)
    if "\\" not in line and "\ue0f4" not in line:
        return line.replace("\ue0f5", "$")
    marked = re.sub(r"([%&#])", r"\\\1", line.replace("\ue0f4", "$"))
    marked = re.sub(r"(?<=\s)~|~(?=[\s\d])|^~", _TILDE, marked).replace("\ue0f5", r"\$")
    marked = re.sub(r"(?<!\\)~", " ", marked)
    done = " ".join(_texts(marked))
    done = re.sub(rf"[\s~]*{_DROPPED}", "", done)
    return "".join(_plain_letter(char) for char in done).replace(_TILDE, "~")


_MATH = re.compile(r"\\.|\$\$(.{1,400}?)\$\$|\$([^$]{1,400}?)\$")


def _mark_money(line: str) -> str:
    """Dollar signs around mathematics become U+E0F4, the others (money) U+E0F5.

    The rule for inline mathematics is Pandoc's (``tex_math_dollars``): no blank inside either
    sign, no digit after the closing one; a backslash, ``^`` or ``_`` inside overrules it.
    """
    out: list[str] = []
    at = 0
    while (match := _MATH.search(line, at)) is not None:
        inside = match[1] or match[2] or ""
        out.append(line[at : match.start()].replace("$", "\ue0f5"))
        if match[0].startswith("\\"):
            out.append("\ue0f5" if match[0] == r"\$" else match[0])
            at = match.end()
        elif inside and _is_math(inside, line[match.end() : match.end() + 1]):
            out.append(f"\ue0f4{inside}\ue0f4")
            at = match.end()
        else:
            stray = re.match(r"\$\$?\\[A-Za-z]", match[0])
            out.append("" if stray else "\ue0f5")
            at = match.start() + 1
    out.append(re.sub(r"\$(?=\\[A-Za-z])", "", line[at:]).replace("$", "\ue0f5"))
    return "".join(out)


def _is_math(inside: str, following: str) -> bool:
    if re.search(r"[\\^_]", inside):
        return not re.match(r"[\d.,]+ \w+ ", inside)
    if re.fullmatch(r"[<>=~±×]+", inside):
        return True
    if inside[0].isspace() or inside[-1].isspace() or following.isdigit():
        return False
    return not re.match(r"[\d.,]+\w*\s", inside)


def _pieces(marked: str) -> Iterator[str]:
    """The line cut at blanks outside groups and mathematics: parsing is slow, so only few need it."""
    piece: list[str] = []
    depth = 0
    for word in marked.split():
        piece.append(word)
        bare = re.sub(r"\\[{}$\\]", "", word)
        depth += bare.count("{") - bare.count("}") + word.count("\\(") - word.count("\\)")
        depth += word.count("\\begin") - word.count("\\end")
        if bare.count("$") % 2:
            depth += -1_000 if depth >= 1_000 else 1_000
        if depth <= 0 and not re.search(r"\\[A-Za-z]*$", word):
            yield " ".join(piece)
            piece.clear()
            depth = 0
    if piece:
        yield " ".join(piece)


def _texts(marked: str) -> Iterator[str]:
    parsed = 0
    for piece in _pieces(marked):
        if "\\" not in piece and "$" not in piece:
            yield piece
        else:
            parsed += 1
            yield _text_of(piece) if parsed <= _MOST_PARSED else _unmarked(piece)


def _text_of(piece: str) -> str:
    try:
        return _parser()(piece) if _parseable(piece) else _unmarked(piece)
    except Exception:  # the parser is not made for hostile input; what it raises is not documented
        return _unmarked(piece)


def _parseable(marked: str) -> bool:
    """Whether the recursive parser can take it without running out of stack."""
    depth = deepest = 0
    for char in marked:
        depth += (char == "{") - (char == "}")
        deepest = max(deepest, depth)
    openings = len(re.findall(r"\\begin|\\left|\\sqrt|\\frac|\\\(|\\\[|\[", marked))
    return len(marked) <= _LONGEST_PARSED and max(deepest, openings) <= _DEEPEST_PARSED


def _unmarked(marked: str) -> str:
    """The same with a plain table, for what the parser cannot take."""
    text = re.sub(r"\\(?:cite|ref|label)[a-z]*\{[^{}]*\}", _DROPPED, marked)
    text = re.sub(r"\\([A-Za-z]+)(?=\{)", r"\1", text)
    text = re.sub(r"\\([A-Za-z]+)\*?( ?)", lambda m: _unknown_macro(m[1]) + m[2], text)
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)\$", "", text)).replace("\\", "")


def _unknown_macro(name: str) -> str:
    """What a macro that nobody defines says: its name, which is most often a method's name."""
    if name in _ABBREVIATIONS:
        return _ABBREVIATIONS[name]
    if name in _SILENT or name.lower().endswith(("icon", "logo", "emoji", "symbol")):
        return ""
    return SYMBOLS.get(name, name)


def _plain_letter(char: str) -> str:
    """Mathematical alphabets (U+1D400–U+1D7FF and script letters) as letters that any font has."""
    if "\U0001d400" <= char <= "\U0001d7ff" or char in "ℊℋℐℒℛℬℰℱℳℯℴℓ":
        return "ℓ" if char == "ℓ" else unicodedata.normalize("NFKC", char)
    return {"∼": "~", "ϵ": "ε", "ϕ": "φ", "∗": "*", "ʹ": "′"}.get(char, char)


@cache
def _parser() -> Callable[[str], str]:
    """Text from LaTeX by pylatexenc, its quirks evened out; about 30 ms to import."""
    from pylatexenc import latex2text, latexwalker, macrospec

    def group(node: Any, l2tobj: Any) -> str:  # the parser hands itself over under this name
        arguments = [each for each in node.nodeargd.argnlist if each is not None]
        said = str(l2tobj.nodelist_to_text(arguments[-1:]))
        return re.sub(r"^\{(.*)\}$", r"\1", said, flags=re.DOTALL)

    def footnote(node: Any, l2tobj: Any) -> str:
        return f" ({group(node, l2tobj).strip()})"

    def by_name(node: Any) -> str:
        return f"{_unknown_macro(node.macroname)}{node.macro_post_space}"

    spec = latex2text.MacroTextSpec
    texts = latex2text.get_default_latex_context_db()
    texts.add_context_category(
        "papers",
        prepend=True,
        macros=[spec(name, simplify_repl=group) for name in _SAYS_LAST_ARGUMENT]
        + [spec(name, simplify_repl=_DROPPED) for name in _CITES]
        + [spec(name, discard=True) for name in _SAYS_NOTHING]
        + [
            spec("footnote", simplify_repl=footnote),
            spec("item", simplify_repl=" • "),
            spec("\\", simplify_repl=" "),
            spec("space", simplify_repl=" "),
        ],
    )
    texts.set_unknown_macro_spec(spec("", simplify_repl=by_name))
    shapes = latexwalker.get_default_latex_context_db()
    shapes.add_context_category(
        "papers",
        prepend=True,
        macros=[macrospec.MacroSpec(name, "{{") for name in _TWO_ARGUMENTS]
        + [macrospec.MacroSpec(name, "{") for name in _ONE_ARGUMENT]
        + [macrospec.MacroSpec("footnote", "[{")],
    )
    converter = latex2text.LatexNodes2Text(
        latex_context=texts, keep_comments=True, keep_braced_groups=True, math_mode="text"
    )

    def parsed(marked: str) -> str:
        walker = latexwalker.LatexWalker(marked, latex_context=shapes, tolerant_parsing=True)
        return str(converter.nodelist_to_text(walker.get_latex_nodes(pos=0)[0]))

    return parsed
