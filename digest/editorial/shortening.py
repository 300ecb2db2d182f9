"""Make a sentence that is too long shorter by leaving out its last clauses, so that a whole one stays.

What goes begins after a comma or a semicolon with a word that begins a clause and no member of a list
("…, thereby reducing", "…, which"). Where no such place is left the sentence is not cut.
"""

from __future__ import annotations

import re

__all__ = ["shortened"]

_BORDER = re.compile(
    r"; (?!\()|, (?=(?:which|(?:in|for|at|by|through|with) which|while|whereas|where|thereby|thus|hence|therefore|whose|because|since|although|as well as|"
    r"leading|enabling|achieving|resulting|demonstrating|making|allowing|improving|ensuring|showing|highlighting|"
    r"outperforming|yielding|reducing|providing|offering|paving|underscoring|suggesting|revealing|surpassing|"
    r"facilitating|eliminating|establishing|indicating|supporting|preserving|maintaining|comprising|including|"
    r"even|and (?:we|it|they|thus|then|show|demonstrate|find|propose|introduce|prove|further|also|evaluate|provide|achieve|release)|"
    r"but|so that|such as|rather than|instead of|regardless|particularly|especially)\b)"
    r"| [–—-] "
)
_SHORTEST = 60
_DANGLING = re.compile(
    r"\b(?:not only|either|both|neither|if|whether|when|while|although|despite)\b", re.IGNORECASE
)


def shortened(sentence: str, longest: int) -> str:
    """``sentence``, whole but without its last clauses, in ``longest`` characters; ``""`` if it cannot be."""
    best = ""
    for border in _BORDER.finditer(sentence):
        head = sentence[: border.start()]
        if border.start() >= longest:
            break
        if len(head) >= _SHORTEST and _is_whole_without(head, border[0]):
            best = f"{head.rstrip(',;:')}."
    return best


def _is_whole_without(head: str, border: str) -> bool:
    """Tell whether nothing in ``head`` waits for what follows it."""
    if (
        head.count("(") != head.count(")")
        or head.count("“") != head.count("”")
        or head.count('"') % 2
    ):
        return False
    if border.startswith(" ") and re.search(r" [–—-] ", head):
        return False
    return _DANGLING.search(head[head.rfind(", ") + 1 :]) is None and ":" not in head
