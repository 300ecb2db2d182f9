"""The names that LaTeX gives to signs, and the signs that a mail can show."""

from __future__ import annotations

import re

GREEK: dict[str, str] = dict(
    zip(
        re.findall(
            r"\w+",
            "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu "
            "xi pi rho sigma tau upsilon phi varphi chi psi omega "
            "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega",
        ),
        "αβγδεεζηθθικλμνξπρστυφφχψωΓΔΘΛΞΠΣΦΨΩ",
        strict=True,
    )
)
SYMBOLS: dict[str, str] = GREEK | {
    "times": "×", "sim": "~", "approx": "≈", "geq": "≥", "ge": "≥", "leq": "≤", "le": "≤",
    "neq": "≠", "pm": "±", "infty": "∞", "cdot": "·", "cdots": "…", "ldots": "…", "dots": "…",
    "rightarrow": "→", "to": "→", "leftarrow": "←", "leftrightarrow": "↔", "propto": "∝",
    "circ": "°", "deg": "°", "ell": "ℓ", "dagger": "†", "ddagger": "‡", "star": "*", "ast": "*",
    "prime": "′", "top": "ᵀ", "in": "∈", "mid": "|", "log": "log", "exp": "exp", "max": "max",
    "min": "min", "quad": " ", "percent": "%",
}  # fmt: skip
# Names that are no English word, so that they mean the sign even with their backslash gone.
NEVER_ENGLISH = (
    "geq|leq|neq|infty|varepsilon|varphi|vartheta|cdots?|ldots|rightarrow|leftarrow|"
    "leftrightarrow|propto"
)

# Signs of real LaTeX, whose backslash says that nothing else is meant. A few are as plain as a
# mail needs them; an English word among the names ("in", "sum", "star") is a sign only there.
COMMANDS: dict[str, str] = SYMBOLS | dict(
    zip(
        *[iter(
            re.findall(
                r"\S+",
                "AA Å AE Æ DH Ð L Ł NG Ŋ O Ø OE Œ TH Þ aa å ae æ dh ð dj đ i ı j ȷ l ł ng ŋ o ø oe œ "
                "ss ß th þ epsilon ε phi φ varpi ϖ varrho ρ varsigma ς varkappa κ top ⊤ star ⋆ cdots ⋯ "
                "ddots ⋱ vdots ⋮ dotsb … dotsc … dotsm … textellipsis … prime ′ log log ln ln sin sin "
                "cos cos tan tan tanh tanh lim lim sup sup inf inf arg arg argmax argmax argmin argmin det det "
                "dim dim ker ker gcd gcd Pr Pr hbar ħ hslash ℏ wp ℘ aleph ℵ Re ℜ Im ℑ nabla ∇ partial ∂ "
                "emptyset ∅ varnothing ∅ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ sum ∑ prod ∏ coprod ∐ "
                "int ∫ iint ∬ oint ∮ cup ∪ cap ∩ bigcup ⋃ bigcap ⋂ sqcup ⊔ sqcap ⊓ uplus ⊎ wedge ∧ "
                "land ∧ vee ∨ lor ∨ bigwedge ⋀ bigvee ⋁ setminus ∖ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ "
                "odot ⊙ bigoplus ⊕ bigotimes ⊗ ltimes ⋉ rtimes ⋊ bowtie ⋈ div ÷ mp ∓ bullet ∙ "
                "diamond ♢ triangle △ triangleleft ◃ triangleright ▹ square □ Box □ blacksquare ▪ "
                "lozenge ◊ circledR ® bigcirc ◯ ne ≠ equiv ≡ cong ≅ simeq ≃ asymp ≍ doteq ≐ triangleq ≜ "
                "thicksim ~ lesssim ≲ gtrsim ≳ leqslant ≤ geqslant ≥ leqq ≦ geqq ≧ ll ≪ gg ≫ prec ≺ "
                "succ ≻ preceq ≼ succeq ≽ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋ "
                "nsubseteq ⊈ notin ∉ ni ∋ perp ⊥ bot ⊥ parallel ∥ nparallel ∦ vdash ⊢ dashv ⊣ models ⊨ "
                "vDash ⊨ therefore ∴ because ∵ angle ∠ uparrow ↑ downarrow ↓ updownarrow ↕ "
                "Uparrow ⇑ Downarrow ⇓ Leftarrow ⇐ Rightarrow ⇒ Leftrightarrow ⇔ gets ← iff ⟺ implies ⟹ "
                "mapsto ↦ longmapsto ⟼ longleftarrow ⟵ longrightarrow ⟶ longleftrightarrow ⟷ "
                "Longrightarrow ⟹ Longleftarrow ⟸ Longleftrightarrow ⟺ hookrightarrow ↪ hookleftarrow ↩ "
                "nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ rightleftharpoons ⇌ rightleftarrows ⇄ "
                "leftrightarrows ⇆ rightsquigarrow ⇝ leadsto ⇝ twoheadrightarrow ↠ circlearrowleft ↺ "
                "circlearrowright ↻ langle ⟨ rangle ⟩ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lvert | rvert | "
                "vert | lVert ‖ rVert ‖ Vert ‖ lbrace { rbrace } checkmark ✓ flat ♭ natural ♮ sharp ♯ "
                "dag † ddag ‡ S § P ¶ copyright © textregistered ® texttrademark ™ pounds £ euro € "
                "texteuro € textdegree ° textmu μ textpm ± texttimes × textgreater > textless < textbar | "
                "textbackslash \\ textasciitilde ~ textasciicircum ^ textunderscore _ textdollar $ "
                "textendash – textemdash — textquotedblleft “ textquotedblright ” textquoteleft ‘ "
                "textquoteright ’ textbullet • textperiodcentered · LaTeX LaTeX TeX TeX",
            )
        )] * 2,
        strict=True,
    )
)  # fmt: skip
DOUBLE_STRUCK = dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))
# Combining marks (Unicode, block 0300) by the name of the accent.
ACCENTS: dict[str, str] = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "H": "\u030b", "c": "\u0327", "d": "\u0323", "b": "\u0331", "k": "\u0328", "r": "\u030a", "u": "\u0306",
    "v": "\u030c", "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303",
    "bar": "\u0304", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "check": "\u030c", "breve": "\u0306",
    "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a",
    "not": "\u0338",
}  # fmt: skip
