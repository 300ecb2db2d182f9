"""Judge whether what was read looks like papers, and say what a text seems to be that does not.

A page that tells ids, authors or votes of its papers, or that has the header of a papers page, is
one. Of any other the words decide: abstracts of papers say what was proposed, trained, shown and
measured, and nearly every one of them does; licences, guides, logs, code and error pages do not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from digest.model import Record

_RESEARCH_WORDS = """
we our propose proposed proposes propose introduce introduces introduced present presents study
studies investigate analyze analyse demonstrate demonstrates experiments experimental experiment
results findings outperforms outperform outperforming outperformed baseline baselines benchmark
benchmarks dataset datasets state-of-the-art accuracy method methods approach approaches framework
model models modeling training trained train learning learn learned neural network networks deep
language vision reasoning inference algorithm algorithms theory theoretical empirical empirically
evaluate evaluation evaluated performance robust novel task tasks generalization generalize paper
survey literature existing prior gap hypothesis estimate estimation optimization gradient gradients
transformer transformers diffusion attention encoder decoder agent agents robots robot llm llms
images image video speech audio semantic representation representations embedding embeddings
reinforcement supervised unsupervised self-supervised pretrained pre-trained fine-tuning classifier
classification segmentation detection generation generative prediction predict predicts proof prove
prover bounds bound convergence samples sampling simulation simulations parameters distribution
patients clinical cells protein proteins quantum galaxies spectra equation equations
distillation multimodal multi-modal agentic scaling decoding pretraining pre-training unlearning
latent retrieval retrieval-augmented alignment spatial temporal quantization quantized sparse
sparsity synthesis autoregressive bayesian adaptive stochastic tokenization tokenizer
compression geometry geometric dynamics trajectory trajectories self-distillation fine-grained
long-context multi-agent vision-language text-to-image zero-shot few-shot in-context end-to-end
rl rlvr rlhf rag vlm vlms mllm mllms vla gan gans moe mixture-of-experts nerf cnn cnns rnn gpt bert
benchmarking evaluating reconstruction rendering manipulation navigation locomotion planning
"""
_RESEARCH = frozenset(_RESEARCH_WORDS.split())
_EVERYWHERE = frozenset(
    [
        "we",
        "our",
        "present",
        "presents",
        "study",
        "studies",
        "results",
        "findings",
        "experience",
        "performance",
        "paper",
        "prior",
        "gap",
        "language",
        "video",
        "image",
        "images",
        "speech",
        "task",
        "tasks",
        "approach",
        "existing",
        "agent",
        "agents",
        "cells",
        "learn",
        "learned",
        "learning",
        "model",
        "models",
        "patients",
        "samples",
        "bound",
        "method",
        "methods",
        "vision",
        "experiment",
    ]
)
"""Words of research that any text may have: they count beside one that is of research alone."""
_SMALL_WORDS = frozenset(
    [
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "for",
        "from",
        "in",
        "is",
        "it",
        "of",
        "on",
        "or",
        "that",
        "the",
        "these",
        "this",
        "to",
        "we",
        "which",
        "with",
    ]
)
_FEWEST_SMALL = 3
_GUIDE = frozenset(
    [
        *("you", "your", "install", "installation", "click", "run", "command", "configure", "file"),
        *("files", "directory", "folder", "option", "options", "default", "license", "copyright"),
        *("warranty", "licensor", "shall", "herein", "thereof", "please", "must", "server", "page"),
        *(
            "package",
            "version",
            "user",
            "users",
            "button",
            "browser",
            "password",
            "settings",
            "bug",
        ),
        *("see", "use", "using", "set", "add", "added", "fixed", "changed", "returns", "argument"),
    ]
)
_WORD = re.compile(r"[A-Za-z][A-Za-z-]{1,30}")
_CODE = re.compile(
    r"(?<!`)`[^`'\n]{2,60}`(?!`)| = [\[{\"']|\s--[a-z]{3,20}\b|\s/(?:etc|usr|var|home)/"
)
"""What manuals have: words set as code, settings, options, paths."""
_SENTENCE_END = re.compile(r"[^\W\d_][)\]\"”%]?[.!?…](?:\s|$)|[。！？]")
_CODE_WEIGHS = 2
_ENOUGH = 0.3
_MOSTLY = 0.5
_LEAST_RESEARCH = 0.45
"""Shares of the records. Of five real pages without facts every record uses the words of research;
of 56 licences, guides, logs and programs at most 29 % of what could be read as papers."""
_A_LIST = 4
_FEWEST_KNOWN = 3
_NEARLY_ALL = 0.6
_SAMPLE = 60
_LONGEST = 3_000

_KINDS: tuple[tuple[str, re.Pattern[str], int], ...] = (
    (
        "an error page",
        re.compile(
            r"\b(?:40[0134]|429|50[0234])\b.{0,20}(?:not found|forbidden|bad gateway|unavailable|error|unauthorized|too many requests|timeout|bad request)|(?:page|file) (?:you .{0,40} )?(?:not found|does not exist|could not be found)|internal server error|service unavailable|access denied|something went wrong|traceback \(most recent call last\)",
            re.IGNORECASE,
        ),
        1,
    ),
    (
        "a page that asks whether you are human",
        re.compile(
            r"verify (?:that )?you are (?:a )?human|are you a robot|just a moment\.\.\.|enable javascript and cookies|checking your browser|captcha|ray id:|unusual traffic",
            re.IGNORECASE,
        ),
        1,
    ),
    (
        "a login page",
        re.compile(
            r"forgot (?:your )?password|remember me|username or email|sign in to (?:your|continue)|log ?in to (?:your|continue)|don.t have an account",
            re.IGNORECASE,
        ),
        1,
    ),
    (
        "a licence",
        re.compile(
            r"\b(?:licensor|licensee|permission is hereby granted|without warranty|as is\"|sublicense|terms and conditions|redistribut(?:e|ion)|copyright holder|derivative works?)\b",
            re.IGNORECASE,
        ),
        3,
    ),
    (
        "a log",
        re.compile(
            r"^\W?(?:\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d|[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d|\[?(?:INFO|WARN|ERROR|DEBUG)\b)",
            re.MULTILINE,
        ),
        8,
    ),
    (
        "program code",
        re.compile(
            r"^\s{0,40}(?:def |class |import |from \w{1,30} import|return\b|if .{1,80}:$|for .{1,80}:$|function |const |let |var |#include|public |private |\}|\w{1,40}\(.{0,80}\);?$|\w{1,40} = )",
            re.MULTILINE,
        ),
        12,
    ),
    (
        "an installation guide or a manual",
        re.compile(
            r"\b(?:pip install|npm install|apt(?:-get)? install|git clone|docker|readme|changelog|synopsis|command line)\b|^#{1,3} (?:usage|installation|requirements|getting started|configuration)\b",
            re.IGNORECASE | re.MULTILINE,
        ),
        2,
    ),
)


def seems(text: str) -> str:
    """Say what a text that holds no papers seems to be, in words for people."""
    start = text[:100_000]
    for name, pattern, least in _KINDS:
        if sum(1 for _ in islice(pattern.finditer(start), least)) == least:
            return name
    words = _WORD.findall(start[:20_000])
    return "running text" if len(words) > 150 else "too little text"


def doubt(records: Sequence[Record], text: str, *, known: bool, understood: float) -> str:
    """Say what speaks against these being papers; ``""`` if nothing does.

    ``known`` says that the page has the header of a papers page, ``understood`` what share of its
    characters was (0 to 1).
    """
    if not records:
        return ""
    research, guide = _vocabulary(records)
    counted = sum(map(_is_published, records))
    if research:  # a number of authors says something of what reads like papers alone
        counted = sum(map(_vouched, records))
    vouched = counted / len(records)
    if vouched >= _ENOUGH or (known and understood >= _MOSTLY and guide <= _ENOUGH):
        return ""
    if not _in_sentences(records):
        return "its texts are no sentences"
    # One page of a manual may read like a paper; each of a whole list does not.
    least = _LEAST_RESEARCH if len(records) >= _A_LIST else 1.0
    if research < least or guide > _ENOUGH:
        return "its texts do not read like abstracts of papers"
    if understood < _MOSTLY:
        return f"only {understood:.0%} of it was understood"
    return ""


def _in_sentences(records: Sequence[Record]) -> bool:
    """Tell whether an abstract among them has a sentence that ends, if any has one at all."""
    abstracts = [record.abstract[:_LONGEST] for record in records if record.abstract]
    return not abstracts or any(map(_SENTENCE_END.search, abstracts))


def without_strangers(records: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """The papers, and what only looks like one: on a page whose papers are nearly all told by their
    ids, whatever has none, and does not read like research, is the page's own.
    """
    known = [record for record in records if record.external_id]
    if len(known) < _FEWEST_KNOWN or len(known) < _NEARLY_ALL * len(records):
        return list(records), []
    strangers = [
        record for record in records if not _vouched(record) and _vocabulary([record])[0] < 1
    ]
    return [record for record in records if record not in strangers], strangers


def _vouched(record: Record) -> bool:
    """Tell whether the page says something of it that is told of papers only."""
    return _is_published(record) or bool(record.author_count and not record.authors)


def _is_published(record: Record) -> bool:
    """Tell whether it has an id, or the journal that a feed names also where it gives no DOI (PRISM)."""
    return bool(record.external_id or record.details.doi or record.details.venue)


def speaks_of_research(title: str) -> bool:
    """Tell whether a title alone uses the words of research, and no more of a guide's."""
    return _vocabulary([Record(title=title, abstract="")])[0] > 0


def _vocabulary(records: Sequence[Record]) -> tuple[float, float]:
    """Count the records that use the words of research, and how many those of guides."""
    step = max(len(records) // _SAMPLE, 1)
    sample = records[::step]
    research = guide = 0
    for record in sample:
        text = f"{record.title} {record.abstract}"[:_LONGEST]
        words = [word.lower() for word in _WORD.findall(text)]
        research_words = {word for word in words if word in _RESEARCH}
        # Settings and lists have the words of research, too, but they are no sentences.
        spoken = not record.abstract or len(_SMALL_WORDS.intersection(words)) >= _FEWEST_SMALL
        research_count = len(research_words) if spoken and not research_words <= _EVERYWHERE else 0
        other = len({word for word in words if word in _GUIDE})
        other += _CODE_WEIGHS * len(_CODE.findall(text))
        least = max(2 if record.abstract else 1, min(4, len(words) // 12))
        research += research_count >= least and research_count >= other
        guide += other > research_count
    return research / len(sample), guide / len(sample)
