"""Tell a coined name (``TideFormer``, ``Role-Agent``) from a phrase of the field ("A New Benchmark").

Before a colon, titles have either. Only a name stands for its paper where the rest of the title is
left out; a phrase of common words would stand for hundreds.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_WORD = re.compile(r"[^\W_]+(?:['’.+-][^\W_]+)*\+*")
_HUMP = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]{2}|[A-Z]{3}|^[A-Z]{2}$")
_LETTER_AND_DIGIT = re.compile(r"(?=.*[^\W\d_])(?=.*\d)")
# Written like names, but every paper of a field has them.
_FIELD_ACRONYMS = frozenset(
    re.findall(
        r"\w+",
        "2D 3D 4D AGI AI API ASR AUC BERT CLIP CNN CPU CT CV DL DNN DPO ECG EEG FPGA GAN GNN GPU GPT GRPO HCI "
        "HPC IOT IR KD KG KV LLM LM LORA LRM LSTM LVLM MCP ML MLLM MLP MOE MRI MT MTL NAS NER NERF NLP OCR "
        "ODE OOD PCA PDE PEFT PPO QA RAG RL RLHF RLVR RNN SAE SAM SFT SGD SLAM SLM SNN SOTA SQL SSL SSM "
        "STEM SVM TTS UAV UI VAE VIT VLA VLM VLN VQA VR XAI XR",
    )
)
_BEGINNINGS = frozenset(
    re.findall(
        r"\w+",
        "anti auto bi co cross de end few fine full high hyper in inter intra large long low meta multi "
        "neuro non off on one open out over post pre pseudo quasi real self semi short single small spatio state sub "
        "super test time train two ultra un under vision weakly zero",
    )
)
# Without "-er": what is made so of a common verb (``Crafter``) is the usual name of a system.
_ENDINGS = (
    "", "e", "s", "es", "ed", "ing", "ings", "ion", "ions", "y", "ies", "al", "ally",
    "ly", "ness", "ment", "ments", "ized", "izing", "ize", "ised", "ising", "ise", "able", "ility", "ity", "ive",
    "ic", "ation", "ations", "isation", "ization", "ist", "ists",
)  # fmt: skip
_SHORTEST_STEM = 3


def is_coined(words: str) -> bool:
    """True if the words of a title read as a name of its own: one at least is no common word.

    A word alone may be a common one with capitals inside or in all its letters (``MIND``), or two
    that are joined (``Role-Agent``); ``LLM`` and ``Self-Training`` are none.
    """
    found = _WORD.findall(words)
    if len(found) == 1 and "-" in found[0] and _is_joined(found[0]):
        return True
    return any(_is_own(part) for word in found for part in word.split("-"))


def has_own_case(word: str) -> bool:
    """True if the word is not written small within a sentence: ``LLM``, ``3D``, ``TideFormer``."""
    return any(letter.isupper() for letter in word[1:]) or _LETTER_AND_DIGIT.match(word) is not None


def _is_joined(word: str) -> bool:
    """True for ``Role-Agent``: two or three words with capitals, not begun as ``Multi-Task`` is."""
    parts = word.split("-")
    return parts[0].casefold() not in _BEGINNINGS and all(part[:1].isupper() for part in parts)


def _is_own(word: str) -> bool:
    """True if the word is not one that papers of the field share."""
    if word.isdigit() or (len(word) < 2 and word.isascii()):
        return False
    singular = word[:-1] if word.endswith("s") and word[-2:-1].isupper() else word
    if singular.upper() in _FIELD_ACRONYMS and singular[1:] != singular[1:].lower():
        return False
    if _LETTER_AND_DIGIT.match(word) or _HUMP.search(word):
        return True
    return not is_common(word.casefold())


def is_common(word: str) -> bool:
    """True if papers of the field share the word, given in small letters."""
    if not word.isascii():
        return False
    stems = _stems()
    if word in stems:
        return True
    for at in range(_SHORTEST_STEM, len(word) + 1):
        start, end = word[:at], word[at:]
        if start in stems and (end in _ENDINGS or (end[:1] == start[-1] and end[1:] in _ENDINGS)):
            return True
    return False


@cache
def _stems() -> frozenset[str]:
    """Stems that eight or more of 2 651 abstracts of the field have, and words of titles alone."""
    text = (resources.files("digest.mail") / "common_words.txt").read_text(encoding="utf-8")
    return frozenset(text.split())
