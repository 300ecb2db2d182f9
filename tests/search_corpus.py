"""Papers invented to be searched, and searches whose answers are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from factories import NOW, change, dump
from store.steps import freeze_edition

from digest.model import Assignment, Change, PaperDetails, Record, Topic
from digest.store import UnitOfWork
from digest.web.search_answer import Searches, SearchRequest

SEARCH_TOPICS = (
    Topic("vision", "Computer vision", "images, segmentation, detection"),
    Topic("language", "Language models", "text, dialogue, translation"),
    Topic("theory", "Theory", "bounds and proofs"),
    Topic("robots", "Robotics", "grasping, walking, manipulation"),
)
OLD, NEW = date(2025, 3, 4), date(2026, 11, 20)


def _record(title: str, abstract: str, *authors: str, **other: Any) -> Record:
    return Record(title, abstract, authors=authors, **other)


PAPERS: Mapping[str, tuple[str, Record]] = {
    "sparse": ("language", _record(
        "Sparse Self-Attention for Endless Novels",
        "Long books strain every reader. We prune the attention of a transformer until only a few links stay.",
        "Mirela Vostrikova", "Jun Ōtani", external_id="2611.01001", votes=12)),
    "blank": ("language", _record(
        "When Self Attention Forgets",
        "A study of how a model loses its thread in dialogue.", "Tobias Grünwald", external_id="2611.01002")),
    "knn": ("theory", _record(
        "k-NN Beyond the Curse of Dimension",
        "Nearest neighbours keep their promise under mild assumptions.", "Ada Quill", external_id="2611.01003")),
    "cpp": ("language", _record(
        "Repairing C++ Templates with Language Models",
        "Compilers complain at length. We read their messages.", "Björk Halldórsdóttir", votes=40,
        external_id="2611.01004")),
    "csharp": ("language", _record(
        "Porting C# Services by Dialogue", "An assistant that rewrites programs.", "Ada Quill")),
    "plainc": ("language", _record(
        "Vitamin C and the Winter Robin", "Berries matter to small birds.", "Piet van der Zee")),
    "gpt": ("language", _record(
        "GPT-4o as a Referee of Chess Openings", "A judge that knows the Najdorf.", "Kwame Mensah-Bonsu",
        external_id="2611.01005", url="https://arxiv.org/abs/2611.01005")),
    "r2": ("theory", _record(
        "Why R² Misleads Forecasters", "The coefficient of determination hides bias.", "Saoirse Ní Bhriain")),
    "alpha": ("theory", _record(
        "Bounds for the $\\alpha$-Divergence of Mixtures", "We prove two inequalities.", "Émile Brûlé")),
    "beta": ("vision", _record("A β-VAE for Leaf Shapes", "Disentangling venation.", "Lindiwe Khumalo")),
    "surveyvideo": ("vision", _record(
        "A Survey of Video Diffusion", "We order ninety methods that paint moving pictures.", "Ines Farkas",
        votes=90, external_id="2611.01006")),
    "imagediff": ("vision", _record(
        "Image Diffusion in Four Steps", "A distilled sampler for still pictures.", "Ines Farkas", votes=7)),
    "flow": ("vision", _record(
        "Rectified Flow on Watercolours", "Straight paths between paintings.", "Noor al-Khatib")),
    "grasp": ("robots", _record(
        "Grasping Wet Pebbles", "A soft hand learns friction by touch.", "Mirela Vostrikova", "Ling Wei-Chen",
        details=PaperDetails(doi="10.5555/pebbles.2026.17", affiliations=("Harbour Institute of Tides",)))),
    "walk": ("robots", _record(
        "Optimization of Gaits on Scree", "Legged machines that climb loose rock.", "Tobias Grünwald")),
    "cafe": ("language", _record(
        "Café Talk: a Corpus of Naïve Questions", "Recordings of small talk from Orléans.", "Zoë Brontë-Smythe")),
    "chinese": ("language", _record("稀疏注意力机制的研究", "我们提出一种用于长文本的新方法。", "李小雨")),
    "japanese": ("vision", _record("がん細胞の画像分割", "少ない注釈で学習する。", "高橋 美咲")),
    "russian": ("language", _record(
        "Распознавание речи в шумном цехе", "Модель слушает станки.", "Пётр Воронцов")),
    "gan": ("vision", _record(
        "Kernelised Generative Adversarial Quilts", "Patchwork from noise.", "Lindiwe Khumalo", votes=3)),
    "federated": ("theory", _record(
        "Federated Learning among Lighthouses", "Keepers share gradients, never logs.", "Oona Kask",
        url="https://journal.example.org/lights/42")),
    "case": ("robots", _record(
        "Elevators that Wait: a Case Study", "Scheduling in a hospital of nine floors.", "Oona Kask")),
    "state": ("language", _record(
        "State-of-the-Art Is a Moving Target", "Leaderboards and their half-lives.", "Ada Quill")),
    "tobe": ("language", _record(
        "To Be or Not to Be Tokenised", "On splitting words that should stay whole.", "Hamnet Ardenne")),
    "hallucinate": ("language", _record(
        "Calibrated Refusals Curb Hallucinations", "A model that says it does not know.", "Rosalind Achterberg")),
    "quantum": ("theory", _record(
        "Quantisation-Aware Pruning of Tiny Radios", "Four bits suffice for birdsong.", "Jun Ōtani")),
    "segment": ("vision", _record(
        "Segmenting Mangroves from Orbit", "Satellites count roots at low tide.", "Nguyễn Thị Hoa")),
    "retrieval": ("language", _record(
        "Retrieval-Augmented Answers for Beekeepers", "Grounding replies in old almanacs.", "Kwame Mensah-Bonsu")),
}  # fmt: skip
LATE = frozenset({"walk", "gan", "case", "tobe"})
"""Papers that came on the old day."""


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """A search, the papers that its first page must have and those that it must not."""

    query: str
    wanted: tuple[str, ...]
    never: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    first: bool = False

    def is_met(self, page: list[str]) -> bool:
        """True if the page has all that it must and none that it must not."""
        at_top = not self.first or page[:1] == [self.wanted[0]]
        return at_top and set(self.wanted) <= set(page) and not set(page) & set(self.never)


def _of(query: str, *wanted: str, never: tuple[str, ...] = (), **other: Any) -> KnownAnswer:
    return KnownAnswer(query, wanted, never, **other)


QUERIES = (
    # Typing errors
    _of("atention novels", "sparse"), _of("difusion survey", "surveyvideo"),
    _of("fedrated learning", "federated"), _of("hallucnations", "hallucinate"),
    _of("segmetning mangroves", "segment"), _of("generatve adversarial", "gan"),
    _of("retreival beekeepers", "retrieval"), _of("selfattention", "sparse", "blank"),
    _of("imagediffusion", "imagediff"), _of("lighthosues", "federated"), _of("quantisaton", "quantum"),
    _of("author:Vostrikowa", "sparse", "grasp"),
    # Hyphens and symbols
    _of("self-attention", "sparse", "blank"), _of("self attention", "sparse", "blank"),
    _of("self‑attention", "sparse", "blank"), _of("C++", "cpp", never=("plainc", "csharp")),
    _of("c#", "csharp", never=("plainc", "cpp")), _of("k-NN", "knn"), _of("knn", "knn"),
    _of("GPT-4o", "gpt"), _of("gpt4o", "gpt"), _of("GPT 4o", "gpt"), _of("R²", "r2"), _of("R^2", "r2"),
    _of("R2", "r2"), _of("α divergence", "alpha"), _of("alpha-divergence", "alpha"), _of("beta-VAE", "beta"),
    _of("state of the art", "state"), _of("retrieval augmented", "retrieval"),
    # Beginnings, OR, phrases, minus
    _of("prun*", "sparse", "quantum"), _of("optimiz*", "walk"), _of("flow OR grasping", "flow", "grasp"),
    _of("watercolours | pebbles", "flow", "grasp"),
    _of('"video diffusion"', "surveyvideo", never=("imagediff",)),
    _of('"case study"', "case"), _of("“moving target”", "state"),
    _of("diffusion -video", "imagediff", never=("surveyvideo",)),
    _of("-survey diffusion", "imagediff", never=("surveyvideo",)),
    _of("dialogue -c#", "blank", never=("csharp",)),
    _of("-author:farkas diffusion OR flow", "flow", never=("surveyvideo", "imagediff")),
    _of('elevators -"nine floors"', never=("case",)),
    _of("TO BE OR NOT TO BE TOKENISED", "tobe", first=True), _of("pruning", "sparse", "quantum"),
    # Authors
    _of("author:vostrikova", "sparse", "grasp"), _of('author:"Mirela Vostrikova"', "sparse", "grasp"),
    _of('author:"M. Vostrikova"', "sparse", "grasp"), _of("author:otani", "sparse", "quantum"),
    _of('author:"Vostrikova, Mirela"', "sparse", "grasp"), _of("author:grunwald", "blank", "walk"),
    _of("ada quill", "knn", "csharp", "state"), _of("author:mensah-bonsu chess", "gpt", never=("retrieval",)),
    # Ids
    _of("2611.01003", "knn", first=True), _of("2611.01004v3", "cpp", first=True),
    _of("arXiv:2611.01002", "blank", first=True), _of("https://arxiv.org/pdf/2611.01005v1.pdf", "gpt", first=True),
    _of("huggingface.co/papers/2611.01006", "surveyvideo", first=True),
    _of("10.5555/pebbles.2026.17", "grasp", first=True),
    _of("https://doi.org/10.5555/PEBBLES.2026.17", "grasp", first=True),
    _of("https://journal.example.org/lights/42", "federated", first=True),
    # Letters of other scripts, accents
    _of("注意力", "chinese"), _of("画像", "japanese"), _of("речи", "russian"), _of("cafe naive", "cafe"),
    _of("nguyen", "segment"), _of("HALLDORSDOTTIR", "cpp"), _of("harbour institute", "grasp"),
    # Middle names that only the query or only the paper has; short words
    _of('author:"Mirela J. Vostrikova"', "sparse", "grasp"), _of('author:"Kwame Bonsu"', "gpt"),
    _of('author:"Piet Zee"', "plainc"), _of('author:"Ada M. Quill"', "knn", never=("cpp",)),
    _of("vea leaf", "beta"),
    # Filters and order
    _of("topic:robots", "grasp", "walk", "case", never=("flow",)), _of("topic:\"computer vision\" diffusion", "imagediff"),
    _of("author:kask before:2026-01-01", "case", never=("federated",)),
    _of("author:kask after:2026-01-01", "federated", never=("case",)),
    _of("", "walk", "gan", never=("sparse",), fields=(("before", "2025-06-01"),)),
    _of("model", "hallucinate", never=("knn",), fields=(("topic", "language"),)),
    _of("diffusion", "surveyvideo", "imagediff", fields=(("sort", "votes"),), first=True),
    _of("-topic:vision diffusion OR chess", "gpt", never=("imagediff", "surveyvideo")),
)  # fmt: skip


def remember_corpus(unit: UnitOfWork) -> dict[int, str]:
    """Take in and publish the papers of two days; the name of each by its id."""
    names: dict[int, str] = {}
    for day, keys in ((OLD, sorted(LATE)), (NEW, sorted(PAPERS.keys() - LATE))):
        changes: list[Change] = [change(PAPERS[key][1]) for key in keys]
        topics = [PAPERS[key][0] for key in keys]
        assignments = [Assignment(topic, (topic,), 0.9, ("as the test says",)) for topic in topics]
        ids = unit.papers.remember(dump(str(day)), day, changes, assignments, NOW)
        freeze_edition(unit, ids, day=day)
        names |= dict(zip(ids, keys, strict=True))
    return names


def first_page(
    unit: UnitOfWork, searches: Searches, known: KnownAnswer, names: Mapping[int, str]
) -> list[str]:
    """The names of the papers on the first page of that search, in order."""
    from starlette.datastructures import QueryParams

    fields = dict((("q", known.query), *known.fields))
    answer = searches.answer(unit, SearchRequest.read(QueryParams(fields)))
    return [names[paper.id] for paper in answer.found.papers]
