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
