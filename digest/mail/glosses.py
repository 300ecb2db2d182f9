"""Say in a few words what a paper is about: what is put beside a name that it coins.

A gloss is taken from the paper's own words, whole phrase by whole phrase: from the part of its
title after the name, or from the words by which its abstract introduces the name. Words are only
left out where what remains is still true (*general multi-shot camera cloning* is *camera
cloning*); a title that is a sentence gives none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from digest.mail.coined_names import has_own_case, is_coined, is_common

LONGEST_GLOSS = 52
"""Longest gloss, in characters."""
_MOST_GLOSSES = 8
_FEWEST_WORDS = 2
_ENOUGH_BEFORE_OF = 3
_MOST_CHUNKS = 3
_MOST_READ = 400
"""Characters of a title, and of an abstract's sentence, that are looked at."""
_MOST_ABSTRACT = 4_000


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# They begin a new part of a phrase; what stands before is whole without it.
_PREPOSITIONS = _words(
    "for of in with via through by without from to on onto into using under across over between "
    "towards toward as at within against beyond during per among amid around after before upon "
    "along inside outside despite beneath beside throughout leveraging"
)
# A phrase that is continued by one of these is still about the same.
_BINDING = _words("to into")
_ON = _words("on toward towards")
_CONTINUES = _words(
    "for of in on from across under over between against within around among during"
)
# One of these makes a sentence of a phrase, or points to something that is left out.
_NO_PHRASE = _words(
    "is are was were be been am do does did done has have had can cannot may might must should could would "
    "will shall need needs make makes made let lets help helps get gets go goes say says know knows "
    "mean means matter matters work works fail fails see sees think thinks learn learns what why how when "
    "where who whom whose which whether that than then if because while until unless although though "
    "not no never none nor neither don't can't won't doesn't isn't aren't nothing without i we you he she "
    "it they me us him her them my our your his its their this these those there here all any some "
    "every each both enough only just also even still yet too so very more most less least better best "
    "worse worst easy possible worth versus vs et al but or meets meet becomes become goes"
)
_ARTICLES = _words("a an the")
_LINKS = _words("and &")
# What titles promise about the things they name; left out, the rest is as true and tells as much.
_PRAISE = _words(
    "accurate advanced automated automatic better broad challenging coherent cohesive competitive complete comprehensive "
    "consistent cost-effective critical diverse effective efficient elegant enhanced extensive faithful fast faster "
    "flexible fully general generalist generalizable generic high-quality holistic improved intelligent "
    "large-scale lightweight massive modern native new novel optimal parallel plug-and-play practical precise principled "
    "real-world reliable robust safe scalable seamless simple smart stable state-of-the-art strong "
    "systematic transferable trustworthy unified universal versatile rigorous"
)
# Traits that tell something, and can yet be left out.
_TRAITS = _words(
    "adaptive agentic controllable controlled continuous dense direct dynamic editable evolving expressive "
    "federated generative global hierarchical incremental infinite interactive interpretable iterative joint latent "
    "learnable lifelong modular multilingual multimodal multitask omnimodal online open parallel persistent "
    "progressive provable streaming structured unsupervised verifiable unlimited evolutionary"
)
# Verbs that tell what was done with a matter, not what it is.
_TREATING = _words(
    "advancing analyzing analysing boosting bridging building characterizing "
    "demystifying designing developing enabling enhancing examining exploring "
    "exposing facilitating improving introducing investigating leveraging probing redesign redesigning "
    "reimagining rethink rethinking revealing revisit revisiting standardizing studying "
    "toward towards unlocking uncovering understanding unifying unveiling"
)
_TESTING = _words("benchmarking evaluating assessing measuring diagnosing probing")
_LEFT_OUT = _TREATING | _TESTING | {"scaling"}
_JOINING = _words(
    "aligning augmenting bridging combining connecting coupling empowering equipping fusing harmonizing integrating "
    "linking marrying merging unifying enriching infusing endowing replacing"
)
# Things that any paper may be; alone they say nothing of this one.
_ANY_THING = _words(
    "ai algorithm algorithms analysis application applications approach approaches architecture architectures "
    "baseline baselines case challenge challenges comparison concept design evaluation evidence experiment "
    "experiments exploration framework frameworks formulation foundation guide insight insights introduction investigation "
    "lens lesson lessons library look method methods methodology mechanism model modeling modelling models module network "
    "networks overview paradigm paradigms performance perspective perspectives pipeline pipelines platform "
    "practice principles problem recipe report representation representations review roadmap "
    "scheme solution solutions strategy strategies study survey system systems task tasks technique techniques "
    "technology theory tool toolkit tools training view accuracy learning capability capabilities "
    "ability abilities version workflow workflows properties vulnerability mechanisms agent agents language llm llms vision "
    "large neural foundation generative vision-language mllm mllms vlm vlms lvlm lvlms reasoning machine deep potential perils pitfalls limits "
    "simplification advancement advancements advances technologies effectiveness efficiency efficient gap gaps extension suite decision making ground truth"
)
# What a paper may look at of a matter; the matter follows.
_ASPECTS = _words(
    "accuracy analysis assessment comparison effect effects efficiency evaluation evolution exploration foundations "
    "geometry impact importance investigation limitations limits overview performance power review robustness role study "
    "survey theory understanding"
)
_KINDS = _words(
    "benchmark benchmarks dataset datasets corpus survey simulator testbed leaderboard suite"
)
_NOT_OWN = _PREPOSITIONS | _ARTICLES | _LINKS | _PRAISE | _TREATING | _TESTING | _ANY_THING | _KINDS
# Matters so wide that half of a day's papers share them.
_WIDE = frozenset({
    "reinforcement learning", "computer vision", "generative ai", "natural language processing", "the wild",
    "technical report", "general intelligence", "ground truth", "real world", "world applications",
    "real-world applications", "the real world", "dynamic environments", "diverse scenarios", "artificial intelligence",
})  # fmt: skip
# Written with a capital wherever they stand.
_PROPER = _words(
    "African Arabic Asian Bayes Bayesian Bengali Bernoulli Boltzmann Boolean Carlo Chinese Dutch Earth English Euclidean "
    "European Fisher Fourier French Gaussian German Gibbs Greek Hamiltonian Hebrew Hermitian Hessian Hilbert Hindi "
    "Hopfield Indian Indic Indonesian Italian Jacobian Japanese Kalman Koopman Korean Lagrangian Langevin Laplacian "
    "Latin Lean Lipschitz Markov Markovian Monte Nash Newton Newtonian Olympiad Pareto Persian Poisson Polish "
    "Portuguese Python Riemannian Russian Shapley Spanish Stein Swahili Tamil Turing Turkish Ukrainian Urdu Vietnamese "
    "Wasserstein Wikipedia Minecraft Java Rust Verilog Kubernetes Linux Android Excel Swiss Nordic Bloom"
)
_NOT_PLURAL = re.compile(r"(?:ss|us|is|ics|ous|as|'s|’s)$", re.IGNORECASE)
_SINGULAR_IN_S = _words("series news sports lens species bayes always towards gans-based")
_TRAIT = re.compile(
    r"-(?:agnostic|augmented|aware|based|centric|driven|efficient|end|enhanced|fidelity|form|free|friendly|"
    r"grained|guided|inspired|level|oriented|quality|scale|shot|specific|step|supervised|time|view|wise|world)$"
)
_ODD = re.compile(r"[:;!?()\[\]{}\"“”„«»$\\^_~`<>|=*#@…\ue000\ue001]|--|\s[–—-]\s|[.](?:\s|$)")
_WORD = re.compile(r"[^\W_](?:[^\s,]*[^\W_+])?\+*")
_INTRODUCED = re.compile(r"(?:\s\([^()]{1,120}\))?(?:,|\sis)\s(?:a|an|the\sfirst)\s")
_LETTERS = re.compile(r"[^\W_]+")
_NAME_IN_TEXT = re.compile(r"(?<=[a-z,] )([A-Z][^\W_]+)(?=[,.]| [a-z])")
_SENTENCE_END = re.compile(r"[.;]\s|[.;]$|,\s")
_BRACKETS = re.compile(r"\s\([^()]{0,80}\)")
_RELATIVE = re.compile(
    r"\s(?:that|which|who|where|whose|designed|developed|tailored|built|trained|consisting|comprising|containing|"
    r"capable|aimed|to|enabling|allowing|covering|specifically|composed|featuring|curated|constructed|spanning|"
    r"intended|dedicated|able|using|with|via|by|without|grounded|derived|created|collected|optimized|through)\s"
)


@lru_cache(maxsize=4_096)
def glosses(words: str, abstract: str = "", least: int = _FEWEST_WORDS) -> tuple[str, ...]:
    """Phrases that say what ``words``, a title or the part after its name, are about.

    The most telling first, each of two words or more and at most :data:`LONGEST_GLOSS` characters.
    ``abstract`` tells which of their words keep a capital; ``least`` is the number of words that
    not every paper might have.
    """
    if not words or len(words) > _MOST_READ or words.rstrip()[-1:] == "?":
        return ()
    found: dict[str, None] = {}
    for phrase in _phrases(words, least):
        text = " ".join(_cased(phrase, abstract))
        if len(text) <= LONGEST_GLOSS:
            found.setdefault(text)
    return tuple(found)[:_MOST_GLOSSES]


def whole_gloss(words: str, abstract: str = "") -> str:
    """The part of a title after a name as it stands, if it is short: ``can maps be folded twice?``."""
    words = " ".join(words.split())
    if len(words.split()) <= _FEWEST_WORDS or len(words) > LONGEST_GLOSS or "," in words:
        return ""
    if _ODD.search(words.removesuffix("?")) or words.split()[0].casefold() in _PREPOSITIONS:
        return ""  # "beyond folding" is what it is not
    return " ".join(_cased(words.split(), abstract))


def introduced_as(name: str, abstract: str) -> tuple[str, ...]:
    """Glosses from where an abstract introduces a name: ``Moss, a benchmark of felt, …``."""
    text = abstract[:_MOST_ABSTRACT]
    at = text.find(name)
    while at >= 0:
        match = _INTRODUCED.match(text, at + len(name))
        inside = text[at - 1 : at].isalnum()
        found = glosses(_introduction(text[match.end() :]), abstract) if match else ()
        if found and not inside:
            return found
        at = text.find(name, at + 1)
    return ()


def _introduction(text: str) -> str:
    """The words up to the next comma or full stop, without what is said of them after a relative."""
    text = _BRACKETS.sub("", text[:_MOST_READ])
    for end in (_SENTENCE_END, _RELATIVE):
        match = end.search(text)
        text = text[: match.start()] if match else text
    return text.strip()


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Words of a phrase between two prepositions, with the one before them."""

    before: str
    words: tuple[str, ...]


def _phrases(text: str, least: int) -> Iterator[list[str]]:
    """Phrases within the text that stand for its matter, the most telling first."""
    chunks = _chunks(text)
    if not chunks or chunks[0].before:
        return
    verb = chunks[0].words[0].casefold()
    if len(chunks) > 1 and chunks[1].before in _BINDING and not verb.endswith("ing"):
        return  # "text to speech synthesis" is of one piece
    usable = 0
    for chunk in chunks:
        goes_on = chunk.before in _CONTINUES or _is_bound(verb, chunk)
        if not _is_noun_phrase(_without_article(chunk.words)) or (usable and not goes_on):
            break
        usable += 1
    if not usable:
        return
    first = chunks[0].words
    wholes = [
        _joined(chunks[:number])
        for number in range(usable, 0, -1)
        if not _is_parted(chunks, number)
    ]
    shorter: list[list[str]] = []
    for whole in wholes:
        shorter += [whole[at:] for at in _starts(first)]
    if usable > 1 and _aims_at_next(first, chunks[1].before):
        goal = _without_article(chunks[1].words)
        for number in range(usable, 1, -1):
            if _is_parted(chunks, number):
                continue
            tail = [*goal, *_joined(chunks[2:number])] if number > 2 else list(goal)
            shorter.append(tail)
        if not _is_parted(chunks, 2):
            shorter.extend(list(goal[start:]) for start in _starts(goal) if start)
    for phrase in sorted((list(_without_article(tuple(words))) for words in shorter), key=_rank):
        if _says_something(phrase, least):
            yield phrase


def _is_bound(verb: str, following: _Chunk) -> bool:
    """True if a verb asks for what follows: *teaching bees (to sing)*, *marrying bees (with hats)*."""
    return following.before in _BINDING or (following.before == "with" and verb in _JOINING)


def _is_parted(chunks: Sequence[_Chunk], number: int) -> bool:
    """True if so many chunks end in what needs the next one: *millions (of tokens)*."""
    if number == len(chunks):
        return False
    last, following = chunks[number - 1], chunks[number]
    if following.before == "of":
        named = [word for word in last.words if word.casefold() not in _TRAITS]
        return _own_words(named) < _ENOUGH_BEFORE_OF
    return _is_bound(chunks[0].words[0].casefold(), following)


def _rank(words: Sequence[str]) -> tuple[bool, int]:
    """Longest first, but after the others what says what was done, or that it is new."""
    first = words[0].casefold()
    late = first in _TREATING or first in ("new", "novel")
    return late, -len(" ".join(words))


def _chunks(text: str) -> list[_Chunk]:
    """The text parted at its prepositions; none if it is no plain phrase."""
    text = " ".join(text.split()).rstrip(".")
    if not text or _ODD.search(text):
        return []
    chunks: list[_Chunk] = []
    before, words = "", list[str]()
    for at, word in enumerate(text.split(" ")):
        low = word.casefold()
        if low in _PREPOSITIONS and not (at == 0 and low in _ON):
            if not words:
                return []
            chunks.append(_Chunk(before, tuple(words)))
            before, words = low, []
            if len(chunks) == _MOST_CHUNKS:
                return chunks
        elif "," in word:
            return chunks  # a list
        elif chunks or words or not (low in _ARTICLES or (at == 0 and low in _ON)):
            words.append(word)
            following = text.split(" ")[at + 1 : at + 2]
            if (
                _is_participle(word)
                and len(words) > _FEWEST_WORDS
                and following
                and (following[0].casefold() in _PREPOSITIONS)
            ):
                return [*chunks, _Chunk(before, tuple(words[:-1]))]
    if words:
        chunks.append(_Chunk(before, tuple(words)))
    return chunks


def _is_participle(word: str) -> bool:
    """True for what ends a phrase before a preposition: *grounded (in …)*."""
    return word.casefold().endswith("ed") and not word.isupper()


def _without_article(words: tuple[str, ...]) -> tuple[str, ...]:
    return words[1:] if words[0].casefold() in _ARTICLES else words


def _joined(chunks: Sequence[_Chunk]) -> list[str]:
    joined: list[str] = []
    for chunk in chunks:
        joined += [chunk.before] if chunk.before else []
        joined += chunk.words
    return joined


def _is_noun_phrase(words: Sequence[str]) -> bool:
    """True if no word of it is a finite verb, as far as that can be told from its looks.

    A word in ``-s`` before the end is either one, or the plural that one would follow.
    """
    if not words or any(_WORD.fullmatch(word) is None and word not in _LINKS for word in words):
        return False
    lows = [word.casefold() for word in words]
    if any(low in _NO_PHRASE for low in lows) or lows[-1] in _LINKS or lows[0] in _LINKS:
        return False
    if not _ARTICLES.isdisjoint(lows[1:]):
        return False  # the object of a verb
    if lows[-1].endswith("ly") or lows[-1] in _PRAISE or lows[-1].isdigit():
        return False
    return not any(
        _is_plural(word) and lows[at + 1] not in _LINKS for at, word in enumerate(words[:-1])
    )


def _is_plural(word: str) -> bool:
    low = word.casefold()
    return (
        low.endswith("s")
        and len(low) > 3
        and _NOT_PLURAL.search(low) is None
        and low not in _SINGULAR_IN_S
        and "-" not in low
        and not word.isupper()
    )


def _starts(words: Sequence[str]) -> Iterator[int]:
    """Places from which the words can be read on without what stands before."""
    at = 0
    yield at
    while at < len(words) - 1:
        low = words[at].casefold()
        step = 0
        if low in _LEFT_OUT:
            step = _own_words(words[at + 1 :]) >= _FEWEST_WORDS
        elif low in _PRAISE or low in _TRAITS or _is_compound(words[at]):
            step = 1
        elif low.endswith("ly") and words[at + 1].casefold().endswith("ed"):
            step = 2
        if not step or at + step >= len(words):
            return
        at += step
        if words[at].casefold() in _LINKS:
            # "X and Y Z": Z alone, if Y can be left out, too.
            at += 1
            if at >= len(words) - 1 or not (
                words[at].casefold() in _LEFT_OUT | _PRAISE | _TRAITS or _is_compound(words[at])
            ):
                return
            continue
        yield at


def _is_compound(word: str) -> bool:
    """True for a joined modifier (``Cross-Paradigm``), or one begun as such (``multilingual``)."""
    low = word.casefold()
    if "-" in word and (_TRAIT.search(low) or not is_coined(word)):
        return True
    return low.startswith(("multi", "omni", "cross"))


def _aims_at_next(words: Sequence[str], before: str) -> bool:
    """True if what follows tells the matter: *a framework for …*, *the geometry of …*."""
    lows = [word.casefold() for word in words]
    if before == "of":
        return lows[-1] in _ASPECTS
    if before == "in":
        return lows[-1].startswith("advance")
    tells_little = lows[-1] in _ANY_THING | _KINDS or lows[0].endswith("ing")
    return before == "for" and (tells_little or lows[0] in _TREATING)


def _says_something(phrase: Sequence[str], least: int = _FEWEST_WORDS) -> bool:
    """True if the phrase tells its paper from most others: it has so many words of its own."""
    lows = [word.casefold() for word in phrase]
    if len(phrase) < _FEWEST_WORDS or lows[-1] in _PREPOSITIONS or lows[-1] in ("end", "state"):
        return False  # the last two are of "end to end", "state of the art"
    matter = " ".join(low for low in lows if low not in _PRAISE and low not in _TREATING)
    if matter in _WIDE:
        return False
    return _own_words(phrase) + (not _KINDS.isdisjoint(lows)) >= least


def _own_words(words: Sequence[str]) -> int:
    """The number of words that not every paper might have."""
    return sum(word.casefold() not in _NOT_OWN for word in words)


def _cased(words: Sequence[str], abstract: str) -> list[str]:
    """The words as they are written within a sentence."""
    return [_cased_word(word, abstract) for word in words]


def _cased_word(word: str, abstract: str) -> str:
    parts = word.split("-")
    return "-".join(_cased_part(part, abstract) for part in parts)


def _cased_part(part: str, abstract: str) -> str:
    low = part.lower()
    if part == low or has_own_case(part):
        return part
    if part in _PROPER:
        return part
    written, names = _spellings(abstract)
    if is_common(low) or low in written:
        return low
    return part if part in names else low


@lru_cache(maxsize=64)
def _spellings(abstract: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words of an abstract, and those with a capital alone among small ones: names."""
    text = abstract[:_MOST_ABSTRACT]
    return frozenset(_LETTERS.findall(text)), frozenset(_NAME_IN_TEXT.findall(text))
