"""LaTeX becomes text that a person can read, whole or half stripped, and nothing else changes."""

from __future__ import annotations

import re
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.latex import readable

REAL_LATEX = [
    (r"$\mathcal{O}(n^2)$ and $x_{i}^{2}$", "O(n²) and xᵢ²"),
    (r"\textbf{bold} \emph{x} \texttt{y}", "bold x y"),
    (r"Erd\H{o}s, G\"odel, na\"{i}ve, Poincar\'e", "Erdős, Gödel, naïve, Poincaré"),
    (r"see \url{https://x.example/z_w}.", "see https://x.example/z_w."),
    (r"code is \href{https://a.example/b}{here}", "code is here"),
    (r"as shown by \cite{foo}, it", "as shown by, it"),
    (r"Li et al.~\cite{x}. Next", "Li et al. Next"),
    (r"$\frac{1}{2}$ of $\sqrt{n}$", "1/2 of √n"),
    (r"a $360^\circ$ view", "a 360° view"),
    (r"Embedding\&MLP costs \$5, 50\% off", "Embedding&MLP costs $5, 50% off"),
    (r"$7.6\times$ faster", "7.6× faster"),
    (r"$\mu$Flow", "μFlow"),
    (r"our \OurName{} and \othername win", "our OurName and othername win"),
    (r"in $\mathbb{R}^d$", "in ℝᵈ"),
    (r"$\epsilon$-greedy, $\tilde{O}(\sqrt{T})$", "ε-greedy, Õ(√T)"),
    (r"$\sim$30% and ($>$25%)", "~30% and (>25%)"),
    (r"a field\footnote{hello} x", "a field (hello) x"),
    (r"$A^{\top}$ and $O(n^{-1/(d+2)})$", "Aᵀ and O(n^(-1/(d+2)))"),
    (r"{\em Foo} and {\bf 8.2\%}", "Foo and 8.2%"),
    (r"\textcolor{blue}{hey} \textbf{a $x^2$ b}", "hey a x² b"),
    (r"\eg, random, Li \etal on", "e.g., random, Li et al. on"),
    (r"say ``it'' again", "say “it” again"),
    (r"pairs in \{(a, b)\} at", "pairs in {(a, b)} at"),
    (r"inside \(B_j(s) = β\), a", "inside Bⱼ(s) = β, a"),
    (r"{\tt x} and $\mathscr{L}$ and \verb", "x and L and verb"),
    (r"\includegraphics{logo} Foo \xspace bar", "Foo bar"),
    (r"in $\tilde{O}(\sqrt{T} \log T)$ rounds", "in Õ(√T log T) rounds"),
    (r"$q \equiv 3 \pmod{4}$ and $A \not= B$", "q ≡ 3 (mod 4) and A ≠ B"),
    (r"at least $\tfrac9{10}$ of $\hat\beta$", "at least 9/10 of β̂"),
]

HALF_STRIPPED = [
    ("a 360^circ panorama", "a 360° panorama"),
    ("texttt{D}ual-texttt{H}ead", "Dual-Head"),
    ("7.6times faster, 300times 300 pixels", "7.6× faster, 300×300 pixels"),
    ("an F_1 of 0.6 with G_{stack}", "an F₁ of 0.6 with G_stack"),
    ("SAP^{2} and U^2-Net^{dagger}", "SAP² and U²-Net†"),
    ("O(n log n)", "O(n log n)"),
    ("O(varepsilon^{-1}(log varepsilon^{-1})^{2})", "O(ε⁻¹(log ε⁻¹)²)"),
    ("consumes 8e^{-5}muJ", "consumes 8e⁻⁵μJ"),
    ("y = -x_ix_j, it", "y = -xᵢxⱼ, it"),
    ("by {sim} 1.5 times and (sim5times time)", "by ~1.5 times and (~5× time)"),
    ("solving a~stochastic lamp of 3~5 wicks", "solving a stochastic lamp of 3~5 wicks"),
    ("on tau^3-Bench", "on τ³-Bench"),
    ("positions geq t + 2", "positions ≥ t + 2"),
    ("mathcal O(1) memory", "O(1) memory"),
    ("Agents, black{a framework} that", "Agents, a framework that"),
    ("https://code.example/a/b{https://code.example/a/b}.", "https://code.example/a/b."),
    ("a score of 0.67pm0.08", "a score of 0.67±0.08"),
    ("O(L^{{4}/{3}}) globally", "O(L^(4/3)) globally"),
    ("10^{160} and 5^th and 2^32", "10¹⁶⁰ and 5th and 2³²"),
    ("π_0 and π_{0.5}", "π₀ and π₀.₅"),
    ("L_{infty} distance", "L∞ distance"),
    (
        "at 8~FPS on an RTX~4090, see Fig.~1 and Transformer~(ViT)",
        "at 8 FPS on an RTX 4090, see Fig. 1 and Transformer (ViT)",
    ),
    ("a **bold** claim and *this* one", "a bold claim and this one"),
    ("langle x, y rangle pairs", "⟨x, y⟩ pairs"),
    ("0.82!-!0.94 of A* and B*", "0.82–0.94 of A* and B*"),
    ("x^{train} and x^{} and y^{a,b}", "x^train and x and y^(a,b)"),
    ("d_{} and d_{a,b}", "d and d_(a,b)"),
    ("x^{-2 (p_{train} + 1)}", "x^(-2 (p_train + 1))"),
    ("pairs of {{a, b}, {c}} and {{x}_{y}}", "pairs of {{a, b}, c} and x_y"),
    ("30.00--45.67%, it -- that is --- x", "30.00–45.67%, it – that is — x"),
]

PLAIN = [
    "$5 and $10",
    "It costs $1,000, or $2-$3 a day.",
    "50% of the times that alpha and beta are in sim",
    "2 ~ 5 times faster, approx. 3pm",
    "snake_case_name alpha_dropout PEARL_v1 --flag",
    "https://code.example/x_y/z_1^2~u?a=$b",
    "the sim-to-real gap in sim 2 real",
    "sets like {0, 1} stay",
    "^_^ and :-) and C++ & C#",
    "يتعلم النموذج 深度学习 emoji 👩‍🔬",
    "W_Q and W_K",
]


@pytest.mark.parametrize(("latex", "text"), REAL_LATEX + HALF_STRIPPED)
def test_latex_becomes_readable(latex: str, text: str) -> None:
    assert readable(latex) == text


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert readable(text) == text


def test_everything_is_on_one_line_without_controls() -> None:
    assert readable("a\x00b\r\n  c\td\u202ee\ufefff\ud800") == "ab c def"


# Names that are read as LaTeX where they stand alone or at a number.
LATEX_NAMES = "times|sim|circ|mu|pm|eq|infty|var|dot|arrow|propto|math|langle"


def test_of_many_addresses_the_first_are_put_aside_and_none_is_lost() -> None:
    text = " ".join(f"https://a.example/{number}_x" for number in range(300))
    assert readable(f"{text} $x$") == f"{text} x"


def test_nesting_without_end_is_given_up_without_markup() -> None:
    assert not set(readable("^{_{" * 200 + "x" + "}}" * 200)) & set("{}")


@given(st.text(string.ascii_letters + string.digits + " .,;:!?()'\"/-=+<>%&#@", max_size=200))
def test_ascii_prose_is_only_put_on_one_line(text: str) -> None:
    line = " ".join(text.split())
    if not re.search(f"--|{LATEX_NAMES}", line):
        assert readable(text) == line


FRAGMENTS = st.one_of(
    st.sampled_from(list("\\{}$^_~`'\"-%&# a1x(*αé²₁†")),
    st.sampled_from(["--", "\\\\", "$$", "\\textbf{", "\\frac{", "\\begin{a}", "\\(", "\\[", "**"]),
    st.sampled_from(
        ["times", "circ", "sim", "mu", "cdot", "\\cite{a}", "\\left(", "\\H", "``", "''"]
    ),
    st.sampled_from(
        ["https://a.example/", "\ue000", "\ue0f4", "\x00", "\ud83d", "\\verb|", "alpha_1"]
    ),
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=120), st.lists(FRAGMENTS, max_size=40).map("".join)))
def test_hostile_text_never_raises_and_twice_changes_nothing(text: str) -> None:
    once = readable(text)
    assert readable(once) == once
    assert "\n" not in once
    once.encode("utf-8")


@pytest.mark.parametrize(
    "name", [r"\frac{", r"\hat{", r"\hat", r"\sqrt[", r"\footnote{", r"\href{a}{"]
)
def test_macros_without_end_take_time_in_proportion(name: str) -> None:
    began = time.thread_time()
    readable(f"We show ${name * 30}x$")
    readable(f"We show ${name * 3_000}x$")
    assert time.thread_time() - began < 5


UNITS = r"{ } $ \ ^ _ - ~ * \frac{ \begin{a} \left( $x^{ \sqrt[ a^{b_{ ``a 1times {, a.com/ http:// \href{a}{"


@pytest.mark.parametrize("unit", [*re.split(" ", UNITS), r"\textbf{a} $x^2$ ", "**a ", "langle "])
def test_a_hundred_thousand_hostile_characters_take_no_time(unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    began = time.perf_counter()
    readable(text)
    assert time.perf_counter() - began < 30
