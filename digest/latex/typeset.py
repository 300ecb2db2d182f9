"""Real LaTeX turned into text in one pass, by tables: what papers' titles and abstracts have of it.

No grammar and no recursion: what a macro says is written where it stands, and what follows its
arguments is kept on a stack until they are over. So time grows with the length, however deep or
unbalanced the braces are, and nothing can raise.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from digest.latex.symbols import ACCENTS, COMMANDS, DOUBLE_STRUCK

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
# How many arguments a macro has, and what is said before, between and after them.
_SAYS_IT = re.findall(
    r"\w+",
    "text textbf textit texttt textsc textrm textsf textsl textmd textup textnormal emph underline "
    "uline overline mathcal mathbf mathrm mathsf mathit mathtt mathfrak mathscr mathbb mathnormal "
    "boldsymbol bm pmb operatorname mbox hbox fbox ensuremath url path textsuperscript textsubscript",
)
_SAYS_NOTHING = {
    "includegraphics": 1, "vspace": 1, "hspace": 1, "input": 1, "include": 1, "color": 1,
    "thanks": 1, "begin": 1, "end": 1, "phantom": 1, "vphantom": 1, "hphantom": 1,
}  # fmt: skip
_SAYS_ITS_SECOND = ("href", "textcolor", "colorbox")
_CITES = re.findall(
    r"\w+",
    "cite citep citet citeauthor citeyear citealp ref eqref cref Cref autoref pageref label",
)


@dataclass(frozen=True, slots=True)
class _Macro:
    """What a macro with arguments says: ``between[i]`` before argument i, the last one at the end.

    ``unsaid`` arguments, from the first, are left out. ``mark`` is put on each letter of the only
    argument, ``letters`` replaces some of them.
    """

    between: tuple[str, ...]
    unsaid: int = 0
    mark: str = ""
    letters: bool = False

    @property
    def arguments(self) -> int:
        return len(self.between) - 1


_MACROS: dict[str, _Macro] = {
    **{name: _Macro(("", ""), letters=name == "mathbb") for name in _SAYS_IT},
    **{name: _Macro(("", ""), mark=mark) for name, mark in ACCENTS.items()},
    **{name: _Macro(("",) * (count + 1), unsaid=count) for name, count in _SAYS_NOTHING.items()},
    **{name: _Macro(("", _DROPPED), unsaid=1) for name in _CITES},
    **{name: _Macro(("", "", ""), unsaid=1) for name in _SAYS_ITS_SECOND},
    **{name: _Macro(("", "/", "")) for name in ("frac", "dfrac", "tfrac", "nicefrac", "sfrac")},
    "sqrt": _Macro(("√(", ")")),
    "footnote": _Macro((" (", ")")),
    "binom": _Macro(("(", " choose ", ")")),
    "pmod": _Macro((" (mod ", ")")),
}
_SIGNS = {
    "\\": " ", "space": " ", "item": " • ", ",": " ", ";": " ", ":": " ", " ": " ", "!": "", "/": "", "-": "",
    "(": "", ")": "", "[": "", "]": "", "|": "‖", "@": "@", "qquad": " ", "quad": " ", "enspace": " ",
    "thinspace": " ", "~": " ", "*": "",
}  # fmt: skip
# Verbatim text, a macro with the blanks behind it, any other escaped sign, a brace, or text.
_TOKEN = re.compile(
    r"\\verb\*?(?P<bar>[|!+])(?P<verbatim>[^|!+]{0,400})(?P=bar)"
    r"|\\(?P<name>[A-Za-z]+)\*?(?P<blank> ?)|\\(?P<sign>.)|(?P<text>[^\\{}\ue0f4]+)|(?P<mark>.)",
    re.DOTALL,
)
_OPTION = re.compile(r" ?\[[^\[\]]{0,200}\]")


def typeset(line: str) -> str:
    """The real LaTeX of a line turned into text; a line without any comes back as it is."""
    line = _mark_money(line)
    if "\\" not in line and "\ue0f4" not in line:
        return line.replace("\ue0f5", "$")
    marked = re.sub(r"(?<=\s)~|~(?=[\s\d])|^~", _TILDE, line).replace("\ue0f5", r"\$")
    marked = re.sub(r"(?<!\\)~", " ", marked)
    said = _Converter().text(marked).split(_DROPPED)
    done = "".join([*(part.rstrip("~" + _WHITE) for part in said[:-1]), said[-1]])
    return _LETTERS.sub(_plain_letter, done).replace(_TILDE, "~")


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
    return not re.match(r"[\d.,]++\w*+\s", inside)


@dataclass(slots=True)
class _Open:
    """A macro whose arguments are being read (``None``: a group), and where its words begin."""

    macro: _Macro | None
    start: int
    given: int = 0
    braced: bool = False
    unsaid_to: int = 0


class _Converter:
    """One walk over a line, with a stack of what is open."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._open: list[_Open] = []

    def text(self, marked: str) -> str:
        at = 0
        while (token := _TOKEN.match(marked, at)) is not None:
            at = token.end()
            name = token["name"] or token["sign"]
            if name is not None:
                at = self._command(name, token["blank"] or "", marked, at)
            elif token["verbatim"] is not None:
                self._piece(token["verbatim"])
            elif token["text"] is not None:
                self._run(token["text"])
            elif token["mark"] == "{":
                self._opened()
            elif token["mark"] == "}":
                self._closed()
        while self._open:
            self._end(self._open.pop())
        return "".join(self._said)

    def _command(self, name: str, blank: str, marked: str, at: int) -> int:
        """A macro, or an escaped sign; returns where to read on."""
        macro = _MACROS.get(name)
        if macro is None:
            self._piece(self._sign(name, blank, marked[at : at + 1]))
            if name in ("left", "right") and marked[at : at + 1] == ".":
                return at + 1
            return at
        if not macro.mark and (option := _OPTION.match(marked, at)) is not None:
            at = option.end()
        after = marked[at : at + 1]
        if not after or (after == "}" and not self._waits()):
            # A macro without its argument says its name: most often that of a method.
            self._piece(name + blank if name.isalpha() and len(name) > 1 else "")
            return at
        self._open.append(_Open(macro, len(self._said)))
        self._said.append(macro.between[0])
        return at

    def _sign(self, name: str, blank: str, after: str) -> str:
        if name in _SIGNS:
            return _SIGNS[name] + blank
        if not name.isalpha():
            return name
        if name in COMMANDS:
            return COMMANDS[name] + ("" if after in _NO_BLANK_BEFORE else blank)
        return _unknown_macro(name) + ("" if name in _SILENT and name != "xspace" else blank)

    def _waits(self) -> bool:
        """Whether the next thing is an argument."""
        return bool(self._open) and self._open[-1].macro is not None and not self._open[-1].braced

    def _run(self, text: str) -> None:
        while self._waits():
            stripped = text.lstrip(" ")
            if not stripped:
                return
            text = stripped[1:]
            self._piece(stripped[0])
        if text:
            self._said.append(text)

    def _piece(self, words: str) -> None:
        """Words that are one argument if one is waited for."""
        self._said.append(words)
        if self._waits():
            self._argument_ends()

    def _opened(self) -> None:
        if self._waits():
            self._open[-1].braced = True
        else:
            self._said.append("{")
            self._open.append(_Open(None, len(self._said)))

    def _closed(self) -> None:
        while self._waits():  # the group ends before the argument came
            self._end(self._open.pop())
        if not self._open:
            return
        if self._open[-1].macro is None:
            self._open.pop()
            self._said.append("}")
            if self._waits():
                self._argument_ends()
        else:
            self._open[-1].braced = False
            self._argument_ends()

    def _argument_ends(self) -> None:
        """The innermost macro has an argument more, and if it was the last, so has the next."""
        while self._waits():
            one = self._open[-1]
            macro = one.macro
            assert macro is not None
            one.given += 1
            if one.given == macro.unsaid:
                one.unsaid_to = len(self._said)
            if one.given < macro.arguments:
                self._said.append(macro.between[one.given])
                return
            self._end(self._open.pop())

    def _end(self, one: _Open) -> None:
        if one.macro is None:
            self._said.append("}")
            return
        if one.unsaid_to and one.given == one.macro.arguments:
            # Only then: where the text of a link is missing, its address is said instead.
            del self._said[one.start + 1 : one.unsaid_to]
        if one.macro.mark or one.macro.letters:
            self._lettered(one.macro, one.start)
        self._said.append(one.macro.between[-1])

    def _lettered(self, macro: _Macro, start: int) -> None:
        """An accent, or letters of another alphabet, on a few letters; longer words stay."""
        pieces = self._said[start:] if len(self._said) - start <= _MOST_LETTERED else []
        words = "".join(pieces)
        if not words or len(words) > _MOST_LETTERED:
            return
        if macro.letters:
            words = "".join(DOUBLE_STRUCK.get(char, char) for char in words)
        else:
            words = "".join(_accented(char, macro.mark) for char in words.strip())
        self._said[start:] = [words]


_NO_BLANK_BEFORE = frozenset("\\{}\ue0f4^_,.;:)]!?")
_MOST_LETTERED = 8
_DOTLESS = {"ı": "i", "ȷ": "j"}
_WHITE = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0"


def _accented(char: str, mark: str) -> str:
    if not char.isalnum() and mark != ACCENTS["not"]:
        return char
    return unicodedata.normalize("NFC", _DOTLESS.get(char, char) + mark)


def _unknown_macro(name: str) -> str:
    """What a macro that nobody defines says: its name, which is most often a method's name."""
    if name in _ABBREVIATIONS:
        return _ABBREVIATIONS[name]
    if name in _SILENT or name.lower().endswith(("icon", "logo", "emoji", "symbol")):
        return ""
    return COMMANDS.get(name, name)


# Mathematical alphabets, script letters, and signs that few fonts have.
_LETTERS = re.compile("[\U0001d400-\U0001d7ffℊℋℐℒℛℬℰℱℳℯℴ∼ϵϕ∗ʹ]")


def _plain_letter(match: re.Match[str]) -> str:
    """The same letter or sign in a form that any font has."""
    plain = {"∼": "~", "ϵ": "ε", "ϕ": "φ", "∗": "*", "ʹ": "′"}.get(match[0])
    return plain or unicodedata.normalize("NFKC", match[0])
