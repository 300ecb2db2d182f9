"""Real LaTeX turned into text in one pass, by tables: what papers' titles and abstracts have of it.

No grammar and no recursion: what a macro says is written where it stands, and what follows its
arguments is kept on a stack until they are over. So time grows with the length, however deep or
unbalanced the braces are, and nothing can raise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.latex.symbols import ACCENTS, COMMANDS, DOUBLE_STRUCK
from digest.unicode_forms import normalise_unicode

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
    """The words of a macro with arguments: ``between[i]`` before argument i, the last one at the end.

    ``dropped`` arguments, from the first, are left out. ``mark`` is put on each letter of the only
    argument, ``letters`` replaces some of them.
    """

    between: tuple[str, ...]
    dropped: int = 0
    mark: str = ""
    letters: bool = False

    @property
    def arguments(self) -> int:
        return len(self.between) - 1


_MACROS: dict[str, _Macro] = {
    **{name: _Macro(("", ""), letters=name == "mathbb") for name in _SAYS_IT},
    **{name: _Macro(("", ""), mark=mark) for name, mark in ACCENTS.items()},
    **{name: _Macro(("",) * (count + 1), dropped=count) for name, count in _SAYS_NOTHING.items()},
    **{name: _Macro(("", _DROPPED), dropped=1) for name in _CITES},
    **{name: _Macro(("", "", ""), dropped=1) for name in _SAYS_ITS_SECOND},
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
    r"|\\(?P<name>[A-Za-z]+)\*?(?P<blank> ?)(?P<brace>\{?)"
    r"|\\(?P<sign>.)|(?P<text>[^\\{}\ue0f4]+)|(?P<mark>.)",
    re.DOTALL,
)
_OPTION = re.compile(r" ?\[[^\[\]]{0,200}\]")


def line_to_text(line: str) -> str:
    """The real LaTeX of a line turned into text; a line without any comes back as it is."""
    line = _mark_money(line)
    if "\\" not in line and "\ue0f4" not in line:
        return line.replace("\ue0f5", "$")
    marked = re.sub(r"(?<=\s)~|~(?=[\s\d])|^~", _TILDE, line).replace("\ue0f5", r"\$")
    marked = re.sub(r"(?<!\\)~", " ", marked)
    parts = _Converter().text(marked).split(_DROPPED)
    joined = "".join([*(part.rstrip("~" + _WHITE) for part in parts[:-1]), parts[-1]])
    return _LETTERS.sub(_plain_letter, joined).replace(_TILDE, "~")


_MATH = re.compile(r"(?:\\[^$][^\\$]*)++|\\\$|\$\$(.{1,400}?)\$\$|\$([^$]{1,400}?)\$", re.DOTALL)


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
    arguments: int = 0
    braced: bool = False
    dropped_to: int = 0


class _Converter:
    """One walk over a line, with a stack of what is open."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._open: list[_Open] = []
        self._waiting = False
        """True while the next thing is the argument of the innermost macro."""

    def text(self, marked: str) -> str:
        """Convert a whole line whose mathematics is marked."""
        position = 0
        while (token := _TOKEN.match(marked, position)) is not None:
            position = token.end()
            kind = token.lastgroup
            if kind == "mark":
                if token[0] == "{":
                    self._open_brace()
                elif token[0] == "}":
                    self._close_brace()
            elif kind == "text":
                self._add_text(token[0])
            elif kind == "brace":
                name, blank, brace = token.group("name", "blank", "brace")
                macro = _MACROS.get(name) if brace else None
                if macro is not None:
                    self._open_macro(macro, braced=True)
                    continue
                position -= len(brace)
                position = self._add_command(name, blank, marked, position)
            elif kind == "sign":
                position = self._add_command(token["sign"], "", marked, position)
            else:
                self._add_piece(token["verbatim"])
        while self._open:
            self._end_innermost()
        return "".join(self._pieces)

    def _add_command(self, name: str, blank: str, marked: str, position: int) -> int:
        """Add a macro, or an escaped sign; returns where to read on."""
        after = marked[position : position + 1]
        macro = _MACROS.get(name)
        if macro is None:
            self._add_piece(_sign_text(name, blank, after))
            return position + 1 if name in ("left", "right") and after == "." else position
        if not macro.mark and (option := _OPTION.match(marked, position)) is not None:
            position = option.end()
            after = marked[position : position + 1]
        if not after or (after == "}" and not self._waiting):
            # A macro without its argument says its name: most often that of a method.
            self._add_piece(name + blank if name.isalpha() and len(name) > 1 else "")
            return position
        self._open_macro(macro)
        return position

    def _open_macro(self, macro: _Macro, *, braced: bool = False) -> None:
        self._open.append(_Open(macro, len(self._pieces), 0, braced))
        self._pieces.append(macro.between[0])
        self._waiting = not braced

    def _add_text(self, text: str) -> None:
        while self._waiting:
            stripped = text.lstrip(" ")
            if not stripped:
                return
            text = stripped[1:]
            self._add_piece(stripped[0])
        if text:
            self._pieces.append(text)

    def _add_piece(self, words: str) -> None:
        """Add words that are one argument if one is waited for."""
        self._pieces.append(words)
        if self._waiting:
            self._end_argument()

    def _open_brace(self) -> None:
        if self._waiting:
            self._open[-1].braced = True
        else:
            self._pieces.append("{")
            self._open.append(_Open(None, len(self._pieces)))
        self._waiting = False

    def _close_brace(self) -> None:
        while self._waiting:  # the group ends before the argument came
            self._end_innermost()
        if not self._open:
            return
        innermost = self._open[-1]
        if innermost.macro is None:
            self._end_innermost()
            if self._waiting:
                self._end_argument()
        else:
            innermost.braced = False
            self._end_argument()

    def _end_argument(self) -> None:
        """Count an argument for the innermost macro; if it was the last, so for the next one."""
        while True:
            innermost = self._open[-1]
            macro = innermost.macro
            assert macro is not None
            innermost.arguments += 1
            if innermost.arguments == macro.dropped:
                innermost.dropped_to = len(self._pieces)
            if innermost.arguments < macro.arguments:
                self._pieces.append(macro.between[innermost.arguments])
                self._waiting = True
                return
            self._end_innermost()
            if not self._waiting:
                return

    def _end_innermost(self) -> None:
        """Take the innermost group or macro from the stack and say what follows it."""
        ended = self._open.pop()
        enclosing = self._open[-1] if self._open else None
        self._waiting = (
            enclosing is not None and enclosing.macro is not None and not enclosing.braced
        )
        macro = ended.macro
        if macro is None:
            self._pieces.append("}")
            return
        if ended.dropped_to and ended.arguments == macro.arguments:
            # Only then: where the text of a link is missing, its address is said instead.
            del self._pieces[ended.start + 1 : ended.dropped_to]
        if macro.mark or macro.letters:
            self._accent(macro, ended.start)
        self._pieces.append(macro.between[-1])

    def _accent(self, macro: _Macro, start: int) -> None:
        """Put an accent, or letters of another alphabet, on a few letters; longer words stay."""
        if len(self._pieces) - start > _MOST_ACCENTED:
            return
        words = "".join(self._pieces[start:])
        if not words or len(words) > _MOST_ACCENTED:
            return
        if macro.letters:
            words = "".join(DOUBLE_STRUCK.get(char, char) for char in words)
        else:
            words = "".join(_accented(char, macro.mark) for char in words.strip())
        self._pieces[start:] = [words]


def _sign_text(name: str, blank: str, after: str) -> str:
    """The text of a macro without arguments, or of an escaped sign."""
    if name in _SIGNS:
        return _SIGNS[name] + blank
    if not name.isalpha():
        return name
    if name in COMMANDS:
        return COMMANDS[name] + ("" if after in _NO_BLANK_BEFORE else blank)
    return _unknown_macro(name) + ("" if name in _SILENT and name != "xspace" else blank)


_NO_BLANK_BEFORE = frozenset("\\{}\ue0f4^_,.;:)]!?")
_MOST_ACCENTED = 8
_DOTLESS = {"ı": "i", "ȷ": "j"}
_WHITE = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0"


def _accented(char: str, mark: str) -> str:
    if not char.isalnum() and mark != ACCENTS["not"]:
        return char
    return normalise_unicode("NFC", _DOTLESS.get(char, char) + mark)


def _unknown_macro(name: str) -> str:
    """Give the words of a macro that nobody defines: its name, which is most often a method's name."""
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
    return plain or normalise_unicode("NFKC", match[0])
