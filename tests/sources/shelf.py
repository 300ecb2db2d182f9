"""Invented papers, and the pages on which they could stand: one function for each kind of page."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from digest.model import Record

TODAY = date(2026, 11, 20)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Invented:
    """A paper that nobody wrote, with everything a page may tell of it."""

    title: str
    abstract: str
    id: str
    votes: int
    authors: int | None
    organization: str | None
    published: date
    comments: int | None = None


def invented(number: int, title: str, abstract: str, **told: object) -> Invented:
    values: dict[str, object] = {
        "votes": (number * 37) % 150,
        "authors": number % 9 + 1,
        "organization": None,
        "published": date(2026, number % 10 + 1, number % 27 + 1),
    }
    values.update(told)
    return Invented(title, abstract, f"2610.{number:05d}", **values)  # type: ignore[arg-type]


SHELF: tuple[Invented, ...] = (
    invented(
        11,
        "Kettle Logic: Boiling Down Mixture-of-Experts Routers to a Single Sparse Gate",
        "Routers of large mixture-of-experts models waste most of their capacity on tokens that any "
        "expert could serve. We show that a single sparse gate, trained with a boiling schedule that "
        "raises the temperature and lets it fall, keeps 98.2% of the quality at 41% of the cost. On "
        "eleven tasks (three of them new) our router, Kettle, is faster than all baselines. Code is at "
        "https://github.com/invented/kettle.",
        comments=4,
    ),
    invented(
        12,
        "Do Lighthouses Dream of Radar?",
        "We ask whether maritime perception models generalise from radar to optical images of the same "
        "coast. They do not: accuracy falls by 31 points. A small adapter trained on [0, 1) normalised "
        "echoes with a [CLS] token closes two thirds of the gap, and costs 0.3M parameters.",
        votes=0,
        published=date(2025, 12, 24),
    ),
    invented(
        13,
        "GraniteTune",
        "Fine-tuning on rock images is hard because grains repeat at every scale. GraniteTune samples "
        "crops from a fractal distribution and reweights their gradients, which removes the need for "
        "labels on 70 \\% of the crops. The resulting model segments thin sections as well as two "
        "trained geologists, and its errors agree with theirs (kappa of 0.81)",
        authors=None,
        organization="Quarry Labs",
    ),
    invented(
        14,
        "A Very Long and Winding Road towards the Verification of Cooperative Multi-Agent Planners "
        "That Negotiate in Natural Language under Partial Observability and a Budget of Messages",
        "Planners that talk can promise what they cannot keep. We give the first sound verification "
        "procedure for such planners, based on a translation of dialogues into timed games, and prove "
        "that it decides safety in exponential time. Experiments with up to 14 agents show that most "
        "dialogues are verified in seconds; the others reveal real bugs, e.g. double bookings.",
        votes=1204,
    ),
    invented(
        15,
        "xWhisk: whisking state-space models into recipes",
        "Recipes are programs with taste. xWhisk reads a recipe as a sequence of state changes and "
        "predicts the texture after every step with a state-space model. Over 9,000 recipes, it "
        "beats transformers of the same size on texture (+4.1 F1) while using a constant amount of "
        "memory; cooks preferred its substitutions in 62 of 100 cases. See https://xwhisk.invented.io",
        published=date(2024, 10, 7),
        comments=12,
    ),
    invented(
        16,
        "Pruning Hedges, Pruning Nets.",
        "Gardeners prune in winter for a reason. We transfer the rule to neural networks and prune only "
        "when the loss landscape is flat. Across twelve architectures the rule finds sparser networks "
        "than magnitude pruning at the same accuracy, without any retraining, and it never once "
        "disconnects a layer. We discuss why spring pruning fails.",
        organization="Hortus Institute",
        authors=None,
    ),
    invented(
        17,
        "Subscriber Churn in Tidal Energy Co-operatives: A Survival Analysis",
        "Members leave energy co-operatives when the tide tables and their bills disagree. With a "
        "survival model on 12 years of data from four co-operatives we find that the disagreement "
        "explains 44% of the departures. A simple forecast, sent a week ahead, would have kept a third "
        "of those members at almost no cost to the co-operative.",
        votes=7,
    ),
    invented(
        18,
        "Émile: Curriculum Learning für Kinderbücher – 絵本から学ぶ 📚",
        "Picture books order the world from near to far. Émile learns language in that order: from the "
        "nursery to the street to the sea. Trained on 3,100 books in seven languages, it needs a tenth "
        "of the words of its peers to reach the same vocabulary, and confuses ‘far’ and ‘big’ exactly "
        "as children do. The books are released under a free licence.",
        votes=65,
        comments=1,
    ),
)
SUMMARIES: tuple[Invented, ...] = tuple(
    invented(
        30 + place,
        title,
        summary,
    )
    for place, (title, summary) in enumerate(
        [
            (
                "Moss Grows North: Compass-Free Navigation for Forest Robots with Weak Texture Cues",
                "Robots find north from the moss on trees with an error below nine degrees.",
            ),
            (
                "TinyLoom",
                "TinyLoom weaves kernels from tiles at compile time and halves the memory.",
            ),
            (
                "On the Use of Second-Hand Gradients",
                "Gradients kept from an earlier run warm up a new one and save a quarter of the steps, "
                "provided that the data has not changed too much in between.",
            ),
            (
                "What Is a Good Question to Ask a Bridge?",
                "Bridges answer when asked at the right frequency.",
            ),
            (
                "Parliament: Voting Rules for Ensembles That Disagree",
                "A study of nine voting rules for ensembles, which finds that approval voting is the most robust.",
            ),
        ]
    )
)


def day_words(day: date) -> str:
    """The day as a page of 2026 writes it: without the year if it is this one."""
    short = f"{MONTHS[day.month - 1]} {day.day}"
    return short if day.year == 2026 else f"{short}, {day.year}"


def votes_words(paper: Invented) -> str:
    return str(paper.votes) if paper.votes else "-"


def who_words(paper: Invented) -> str:
    if paper.organization:
        return paper.organization
    return f"{paper.authors} author" + ("" if paper.authors == 1 else "s")


def blank_separated(papers: Sequence[Invented]) -> str:
    head = ["new", "Get trending papers in your email inbox!", "Subscribe", "Daily Papers"]
    head += ["byAK and the research community", "Nov 18"]
    return "\n\n".join(
        [*head, *(words for paper in papers for words in (paper.title, paper.abstract))]
    )


PROMOTION = "Get trending papers in your email inbox once a day!\nGet trending papers in your email inbox!\n"


def glued(papers: Sequence[Invented]) -> str:
    lines = [words for paper in papers for words in (paper.title, paper.abstract)]
    return PROMOTION + "Subscribe" + "\n".join(lines)


def glued_in_pairs(papers: Sequence[Invented]) -> str:
    pairs = [f"{paper.title}\n{paper.abstract}\n" for paper in papers]
    return PROMOTION + "Subscribe" + "\n".join(pairs)


def windows(layout: Callable[[Sequence[Invented]], str]) -> Callable[[Sequence[Invented]], str]:
    return lambda papers: "\ufeff" + layout(papers).replace("\n", "\r\n")


def padded(papers: Sequence[Invented]) -> str:
    return "\n \n".join(
        f"  {words}\t" for paper in papers for words in (paper.title, paper.abstract)
    )


def copied_with_facts(papers: Sequence[Invented]) -> str:
    lines = [
        "Daily Papers",
        "by AK and the research community",
        "Daily",
        "Weekly",
        "Monthly",
        "Nov 18",
    ]
    for paper in papers:
        lines += [votes_words(paper), paper.title, paper.abstract, who_words(paper), "·"]
        lines += [day_words(paper.published)]
        lines += [str(paper.comments)] if paper.comments else []
    lines += [
        "Previous",
        "1",
        "2",
        "Next",
        "Company",
        "© Hugging Face",
        "TOS",
        "Privacy",
        "About",
        "Careers",
    ]
    return "\n".join(lines)


def copied_with_blanks(papers: Sequence[Invented]) -> str:
    return copied_with_facts(papers).replace("\n", "\n\n")


def facts_on_one_line(papers: Sequence[Invented]) -> str:
    blocks = ["Hugging Face", "Models\nDatasets\nSpaces", "Daily Papers", "Nov 18"]
    for paper in papers:
        facts = [who_words(paper), day_words(paper.published)]
        facts += [str(paper.comments)] if paper.comments else []
        blocks += [votes_words(paper), paper.title, paper.abstract, " · ".join(facts)]
    blocks += ["Previous / Next", "Company © Hugging Face TOS Privacy About Jobs"]
    return "\n\n".join(blocks) + "\n"


def votes_after(papers: Sequence[Invented]) -> str:
    blocks = []
    for paper in papers:
        who = f"{paper.authors} authors" if paper.authors else paper.published.isoformat()
        blocks.append(f"{paper.title}\n{paper.abstract}\n{who}\n▲ {paper.votes} upvotes")
    return "\n\n".join(blocks)


def scraped_markdown(papers: Sequence[Invented]) -> str:
    site = "https://huggingface.co"
    blocks = [
        "---\nurl: https://huggingface.co/papers\nretrieved: 2026-11-19\ntitle: Daily Papers - Hugging Face\n---",
        "new",
        "Get trending papers in your email inbox once a day!",
        f"[Subscribe]({site}/login?next=%2Fpapers)",
        "# Daily Papers",
        f"## by [![]({site}/front/by.png)AK]({site}/akhaliq) and the research community",
        "- Daily\n- Weekly\n- Monthly",
        f"[Trending Papers]({site}/papers/trending)",
        "Nov 18",
    ]
    for paper in papers:
        page = f"{site}/papers/{paper.id}"
        login = f"{site}/login?next=%2Fpapers%2F{paper.id}"
        blocks += [f"[{votes_words(paper)}]({login})", f"### [{paper.title}]({page})"]
        blocks += [f"[{paper.abstract}]({page})"]
        if paper.organization:
            blocks += [
                f"[![](https://cdn.invented.io/a.png)\\\n{paper.organization}]({site}/quarry)"
            ]
        else:
            blocks += [f"[- {who_words(paper)}]({page})"]
        comments = f" [{paper.comments}]({page}#community)" if paper.comments else ""
        blocks += [f"· {day_words(paper.published)}{comments}"]
    blocks += ["Previous", "[Next](https://huggingface.co/papers?p=1)", "Company", "© Hugging Face"]
    return "\n\n".join(blocks)


def linked_headings(papers: Sequence[Invented]) -> str:
    blocks = ["# Daily Papers", "## Nov 18"]
    for paper in papers:
        blocks += [
            f"### [{paper.title}](/papers/{paper.id})",
            f"{paper.votes} votes",
            paper.abstract,
        ]
        blocks += [f"- {who_words(paper)}\n- {day_words(paper.published)}"]
    return "\n\n".join(blocks)


def bold_titles(papers: Sequence[Invented]) -> str:
    return "\n\n".join(f"**{paper.title}**\n{paper.abstract}" for paper in papers)


def second_level_headings(papers: Sequence[Invented]) -> str:
    parts = ["# What we read on Nov 18, 2026\n"]
    parts += [f"## {paper.title}\n{paper.abstract}\n" for paper in papers]
    return "\n".join(parts)


def numbered_links(papers: Sequence[Invented]) -> str:
    return "\n\n".join(
        f"{place}. [{paper.title}](https://arxiv.org/abs/{paper.id}v2)\n\n   {paper.abstract}"
        for place, paper in enumerate(papers, start=1)
    )


def address_after(papers: Sequence[Invented]) -> str:
    return "\n\n".join(
        f"{paper.title}\n\n{paper.abstract}\n\nhttps://arxiv.org/abs/{paper.id}v1"
        for paper in papers
    )


def address_after_without_blanks(papers: Sequence[Invented]) -> str:
    lines = [f"{paper.title}\n{paper.abstract}\nhf.co/papers/{paper.id}" for paper in papers]
    return "Daily Papers\n" + "\n".join(lines) + "\n"


def address_between(papers: Sequence[Invented]) -> str:
    return "\n\n".join(
        f"{paper.title}\nhttps://huggingface.co/papers/{paper.id}\n{paper.abstract}"
        for paper in papers
    )


def address_first(papers: Sequence[Invented]) -> str:
    return "\n".join(
        f"https://arxiv.org/abs/{paper.id}\n{paper.title}\n{paper.abstract}\n" for paper in papers
    )


def address_after_everything(papers: Sequence[Invented]) -> str:
    site = "https://huggingface.co"
    blocks = [
        "Daily Papers - Hugging Face",
        " Hugging Face",
        f"{site}/",
        "Models",
        f"{site}/models",
    ]
    blocks += [
        "Log In",
        f"{site}/login",
        "new",
        "Get trending papers in your email inbox!",
        "Subscribe",
    ]
    blocks += [f"{site}/login?next=%2Fpapers", "Daily Papers", "by ", "AK", f"{site}/akhaliq"]
    blocks += [" and the research community", "Daily", "Weekly", f"{site}/papers/trending", " "]
    blocks += [f"{site}/papers/date/2026-11-17", "Nov 18"]
    for paper in papers:
        page = f"{site}/papers/{paper.id}"
        blocks += [f" [-] {paper.votes or '-'}", f"{site}/login?next=%2Fpapers%2F{paper.id}"]
        blocks += [paper.title, page, paper.abstract, page, who_words(paper), page, "·"]
        blocks += [day_words(paper.published)]
        blocks += [str(paper.comments), f"{page}#community"] if paper.comments else []
    blocks += [
        "Previous",
        "Next",
        f"{site}/papers?p=1",
        "Company",
        f"{site}/terms-of-service",
        "© Hugging Face",
    ]
    return "\n\n".join(blocks)


def terminal_capture(
    papers: Sequence[Invented], *, width: int = 120, references: bool = True
) -> str:
    addresses = ["https://huggingface.co/", "https://huggingface.co/models"]

    def mark(address: str) -> str:
        addresses.append(address)
        return f"[{len(addresses)}]"

    site = "https://huggingface.co"
    lines = [
        "[[Hugging Face's logo] Hugging Face][1]",
        "* [ Models ][2]",
        "* * Website",
        "    * [ Tasks][2]",
    ]
    lines += [
        "* [Log In][1]",
        "new",
        "",
        "Get trending papers in your email inbox!",
        "",
        "[Subscribe][1]",
        "",
    ]
    lines += [
        "# Daily Papers",
        "",
        "## by[AK][2] and the research community",
        "* Daily",
        "* Weekly",
        "",
        "Nov 18",
    ]
    for paper in papers:
        page = f"{site}/papers/{paper.id}"
        lines += [
            "[",
            votes_words(paper),
            f"]{mark(f'{site}/login?next=%2Fpapers%2F{paper.id}')}",
            "",
        ]
        lines += [*textwrap.wrap(f"### [{paper.title}]{mark(page)}", width), "", "[", ""]
        lines += [
            *textwrap.wrap(paper.abstract, width, break_long_words=False),
            "",
            f"]{mark(page)}",
        ]
        if paper.organization:
            lines += [f"[[logo] {paper.organization}]{mark(f'{site}/quarry')}"]
        else:
            lines += ["[", f"* {who_words(paper)}", f"]{mark(page)}"]
        comments = f" [ {paper.comments}]{mark(f'{page}#community')}" if paper.comments else ""
        lines += ["·", day_words(paper.published) + comments]
    if references:
        lines += [""] + [
            f"[{place}]: {address}" for place, address in enumerate(addresses, start=1)
        ]
    return "\n".join(lines) + "\n"


def text_browser_dump(papers: Sequence[Invented]) -> str:
    addresses = ["https://huggingface.co/", "https://huggingface.co/models"]

    def mark(address: str) -> str:
        addresses.append(address)
        return f"[{len(addresses)}]"

    def paragraph(text: str) -> list[str]:
        indent = "   "
        return textwrap.wrap(
            text, 78, initial_indent=indent, subsequent_indent=indent, break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip

    lines = [
        "   [1]Hugging Face's logo Hugging Face",
        "     * [2]Models",
        "",
        "Daily Papers",
        "",
        "   Nov 18",
        "",
    ]
    for paper in papers:
        page = f"https://huggingface.co/papers/{paper.id}"
        login = f"https://huggingface.co/login?next=%2Fpapers%2F{paper.id}"
        lines += [f"   {mark(login)}{votes_words(paper)}", ""]
        lines += [*paragraph(f"{mark(page)}{paper.title}"), ""]
        lines += [*paragraph(f"{mark(page)}{paper.abstract}"), ""]
        lines += [
            f"     * {mark(page)}{who_words(paper)}",
            "   ·",
            f"   {day_words(paper.published)}",
            "",
        ]
    lines += ["References", ""]
    lines += [f"   {place}. {address}" for place, address in enumerate(addresses, start=1)]
    return "\n".join(lines) + "\n"


def hard_wrapped(papers: Sequence[Invented]) -> str:
    texts = [words for paper in papers for words in (paper.title, paper.abstract)]
    return "\n\n".join(
        textwrap.fill(words, 76, break_long_words=False, break_on_hyphens=False) for words in texts
    )


def hard_wrapped_pairs(papers: Sequence[Invented]) -> str:
    return "\n\n".join(
        "\n".join(
            textwrap.fill(words, 90, break_long_words=False, break_on_hyphens=False)
            for words in (paper.title, paper.abstract)
        )
        for paper in papers
    )


def sentence_per_line(papers: Sequence[Invented]) -> str:
    blocks = []
    for paper in papers:
        blocks += [paper.title, paper.abstract.replace(". ", ".\n").replace("; ", ";\n")]
    return "\n\n".join(blocks)


def labelled(papers: Sequence[Invented]) -> str:
    return "\n\n".join(
        f"Title: {paper.title}\nAuthors: Ada Invented, Bo Made-Up and Cy Fictive\n"
        f"arXiv: {paper.id}\nPublished: {paper.published.isoformat()}\nAbstract: {paper.abstract}"
        for paper in papers
    )


def reader_mode(papers: Sequence[Invented]) -> str:
    blocks = ["huggingface.co", "Daily Papers - Hugging Face", "12-15 minutes", "Nov 18"]
    for paper in papers:
        blocks += [paper.title, paper.abstract, who_words(paper)]
    return "\n\n".join(blocks) + "\n\nCompany © Hugging Face\n"


def trending(papers: Sequence[Invented]) -> str:
    parts = [PROMOTION, "## Trending Papers\n", "## by AK and the research community\n"]
    for paper in papers:
        title = "\n  ".join(textwrap.wrap(paper.title, 70))
        card = f"### {title}\n\n{paper.abstract}\n- {who_words(paper)}\n"
        card += f"[LINK: GitHub 11.3k](https://github.com/invented/{paper.id})\n"
        parts += [card, card]
    return "\n".join(parts)


def saved_cards(papers: Sequence[Invented]) -> str:
    cards = []
    for paper in papers:
        page = f"/papers/{paper.id}"
        comments = (
            f'<a href="{page}#community"><svg></svg> {paper.comments}</a>' if paper.comments else ""
        )
        cards.append(
            f"""<article class="relative"><a href="{page}" class="thumb"><img src="x.png" alt=""></a>
            <div>Submitted by <div><img src="a.png"> somebody</div></div>
            <div><a href="/login?next=%2Fpapers%2F{paper.id}"><input type="checkbox"><svg></svg>
            <div class="leading-none">{votes_words(paper)}</div></a>
            <h3 class="mb-1"><a href="{page}">{html.escape(paper.title)}</a></h3>
            <p class="line-clamp">{html.escape(paper.abstract)}</p>
            <a href="{page}"><ul><li>{html.escape(who_words(paper))}</li></ul></a> ·
            <time datetime="{paper.published.isoformat()}T00:00:00">{day_words(paper.published)}</time>
            {comments}</div></article>"""
        )
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Daily Papers</title>'
        '<link rel="canonical" href="https://huggingface.co/papers"><script>var a = "<h3>no</h3>";</script>'
        '</head><body><header><nav><a href="/models">Models</a></nav></header><main><h1>Daily Papers</h1>'
        '<h2>by <a href="/akhaliq">AK</a> and the research community</h2><div>Nov 18</div>'
        + "\n".join(cards)
        + '</main><nav><a href="?p=1">Next</a></nav><footer>Company © Hugging Face</footer></body></html>'
    )


def saved_without_headings(papers: Sequence[Invented]) -> str:
    rows = [
        f'<div class="row"><div><a href="https://arxiv.org/abs/{paper.id}">{html.escape(paper.title)}</a></div>'
        f"<div>{html.escape(paper.abstract)}</div></div>"
        for paper in papers
    ]
    return f"<html><body><div id=list>{''.join(rows)}</div></body></html>"


def saved_paragraphs(papers: Sequence[Invented]) -> str:
    rows = [f"<p>{html.escape(p.title)}</p>\n<p>{html.escape(p.abstract)}</p>" for p in papers]
    return f"<html><body>{''.join(rows)}</body></html>"


def agrees(record: Record, paper: Invented, told: str) -> None:
    """Assert that the record has the paper's words, and each of the facts named in ``told``."""
    assert (record.title, record.abstract) == (paper.title, paper.abstract)
    if "i" in told:
        assert record.external_id == paper.id
        assert record.url is not None
        assert paper.id in record.url
    if "v" in told:
        assert record.votes == paper.votes
    if "a" in told and paper.authors:
        assert record.author_count == paper.authors
    if "o" in told:
        assert record.organization == paper.organization
    if "d" in told:
        assert record.published == paper.published
    if "c" in told:
        assert record.comments == paper.comments
