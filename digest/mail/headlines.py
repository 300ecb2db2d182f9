"""The news of a mail in a few words: its subject, its preheader, and the line it opens with.

A subject is never a cut title. A paper stands in it by the name that its title gives it, together
with what that is (``TideFormer (attention for rivers)``), by a title that is short enough to stand
whole, or by a phrase that says what it is about; where nothing fits, the day's theme or its largest
topics stand there instead. Of all shapes that fit, the one that tells most of the strongest papers
is taken. The list's name is not among them: the sender's name says it beside every subject.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.mail import plain_text
from digest.mail.paper_names import UNFIT, Form, about, columns, forms, forms_in_a_line

NO_TOPIC = "other"
"""The section of papers that are of no topic; a headline does not name it."""
LONGEST_SUBJECT = 70
"""Longest subject, in columns: phones show 35 to 50, desktops about 70."""
_LONGEST_LEAD = 220
_LONGEST_PREHEADER = 130
_LONGEST_ALSO = 105
MOST_NAMES = 5
"""Most papers that a headline looks at."""
_RANKS = (1.0, 0.85, 0.7, 0.6, 0.5)
"""Worth of a paper's place among the strongest ones: a subject that leaves out the first loses most."""
_FIRST = 0.3
_WORTH_OF_A_THEME = 1.2
"""A theme goes before a listing that is worth less: one paper, or two that tell little."""
_FEWEST_ON_THEME = 3


@dataclass(frozen=True, slots=True)
class News:
    """The content of one mail, as far as its headlines need it.

    ``titles`` are those of its strongest papers, the strongest first; ``picked`` says that they are
    its top picks. ``total`` new papers and ``updated`` ones are in it or counted by it. ``topics``
    are names with counts, the largest first; ``theme`` a phrase and the number of new papers whose
    titles have it. ``leading`` are the words for a mail's first papers (``"Leading the week"``).
    ``abouts`` are the :func:`about` of each title; where there are none, the titles alone are used.
    """

    titles: Sequence[str]
    picked: bool
    total: int
    updated: int = 0
    topics: Sequence[tuple[str, int]] = ()
    theme: tuple[str, int] | None = None
    leading: str = "Leading this edition"
    abouts: Sequence[Sequence[str]] = ()

    def papers(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The first titles, each with the phrases that say what its paper is about."""
        for at, title in enumerate(self.titles[:MOST_NAMES]):
            yield title, tuple(self.abouts[at]) if at < len(self.abouts) else about(title)


def subject(news: News, list_name: str, day: str) -> str:
    """Write a mail's subject: ``TideFormer (attention for rivers), Moss and 40 more · 20 Nov``.

    The list's name stands in it only where there is no news.
    """
    tail = f" · {day}"
    room = LONGEST_SUBJECT - columns(tail)
    for line in _subjects(news, room):
        if line and columns(line) <= room:
            return line + tail
    return next(
        (line for line in (f"{list_name}, {day}", list_name) if columns(line) <= LONGEST_SUBJECT),
        f"New papers, {day}",
    )


def _subjects(news: News, room: int) -> Iterator[str]:
    """Shapes of a subject without its day, the best first."""
    total = news.total or news.updated
    before = "" if news.total else "Updated: "
    if total == 1 and news.titles and UNFIT.search(news.titles[0]) is None:
        yield before + plain_text.isolated(news.titles[0])
    listed = [forms(*paper) for paper in news.papers()]
    telling, worth, is_phrase = _most_telling(listed, total, room - columns(before))
    if worth >= _WORTH_OF_A_THEME:
        yield before + telling
    if news.total and news.theme is not None:
        phrase, count = news.theme
        yield _and_more(f"{count:,} papers on “{phrase}”", total - count)
    if telling:
        if total == 1 == news.total and is_phrase:
            yield f"1 new paper: {telling}"
            telling = _capital(telling)
        yield before + telling
    if total:
        kind = "new" if news.total else "updated"
        papers = plain_text.counted(total, f"{kind} paper")
        yield from (before + _listing(pair, total) for pair in _bare(listed, total))
        if news.total == 1 and news.topics:
            yield f"A new paper in {news.topics[0][0]}"
        elif news.total:
            yield from _by_topic(papers, news.topics)
        yield papers


def _most_telling(
    listed: Sequence[Sequence[Form]], total: int, room: int
) -> tuple[str, float, bool]:
    """The listing that tells most in so many columns, its worth, and if it begins with a phrase.

    ``("", 0, False)`` if none tells anything.
    """
    best: tuple[float, tuple[int, ...], tuple[Form, ...]] = (0.0, (), ())
    alone = room - _width_of_rest(1, total)
    both = room - _width_of_rest(2, total)
    for at, of in enumerate(listed):
        for form in of:
            worth = _RANKS[at] * form.worth + (_FIRST if at == 0 else 0.0)
            if not form.bare and form.width <= alone and worth > best[0]:
                best = (worth, (at,), (form,))
            for after in range(at + 1, len(listed) if total > 1 else 0):
                for other in listed[after]:
                    both_worth = worth + _RANKS[after] * other.worth
                    if (
                        both_worth > best[0]
                        and form.width + other.width <= both
                        and not (form.bare and other.bare)
                        and form.text != other.text
                    ):
                        best = (both_worth, (at, after), (form, other))
    worth, chosen, shown = best
    if not chosen:
        return "", 0.0, False
    shown = _with_others(listed, chosen, shown, total, room)
    line = _listing(shown, total)
    phrase = shown[0].phrase
    return (_capital(line) if phrase and total > 1 else line), worth, phrase


def _width_of_rest(number: int, total: int) -> int:
    """Columns of what stands between so many papers and after them."""
    if total > number:
        return len(f" and {total - number:,} more") + len(", ") * (number - 1)
    return len(" and ") if number == 2 else 0


def _with_others(
    listed: Sequence[Sequence[Form]],
    chosen: tuple[int, ...],
    shown: tuple[Form, ...],
    total: int,
    room: int,
) -> tuple[Form, ...]:
    """The chosen papers and, in their order, others that fit beside them and tell something."""
    kept = dict(zip(chosen, shown, strict=True))
    least = sum(form.width for form in shown)
    for at, of in enumerate(listed):
        for form in of:
            if at in kept or len(kept) >= total or (form.bare and len(kept) + 1 < total):
                continue
            if least + form.width > room:
                continue
            longer = dict(sorted({**kept, at: form}.items()))
            line = _listing(tuple(longer.values()), total)
            if form.text not in {one.text for one in kept.values()} and columns(line) <= room:
                kept = longer
    return tuple(kept[at] for at in sorted(kept))


def _listing(shown: Sequence[Form], total: int) -> str:
    """``A, B and 23 more``; ``A and B`` where these are all."""
    texts = list(dict.fromkeys(form.text for form in shown))
    if total > len(texts):
        return f"{', '.join(texts)} and {total - len(texts):,} more"
    return _series(texts)


def _bare(listed: Sequence[Sequence[Form]], total: int) -> Iterator[tuple[Form, ...]]:
    """Names alone: the two first ones, and each."""
    names = list(dict.fromkeys(form for of in listed for form in of if form.bare))
    if len(names) > 1 and total > 1:
        yield tuple(names[:2])
    yield from ((name,) for name in names)


def _capital(line: str) -> str:
    """The line begun with a capital, unless its first word has capitals of its own."""
    first = line.split(" ", 1)[0]
    return line[:1].upper() + line[1:] if first.islower() else line


def _and_more(words: str, more: int) -> str:
    return f"{words} and {more:,} more" if more > 0 else words


def _by_topic(papers: str, topics: Sequence[tuple[str, int]]) -> Iterator[str]:
    """The count with the two largest topics, or the largest."""
    for number in (2, 1):
        if len(topics) >= number:
            yield f"{papers}: " + "; ".join(f"{name} {count:,}" for name, count in topics[:number])


def lead(news: News) -> str:
    """Write the line that a mail opens with: its first papers, its largest topics, its theme."""
    return " ".join(filter(None, (_first_papers(news), _largest_topics(news), _theme(news))))


def _first_papers(news: News) -> str:
    listed: list[str] = []
    length = 0
    for title, phrases in news.papers():
        for form in forms_in_a_line(title, phrases):
            if form.text not in listed and length + form.width <= _LONGEST_LEAD:
                listed.append(form.text)
                length += form.width
                break
    if not listed:
        return ""
    if not news.total:
        return f"Updated: {_series(listed)}."
    if news.total == 1:
        return ""  # the paper itself follows
    if news.total == len(listed):
        return f"New: {_series(listed)}."
    if not news.picked:
        return f"Among them: {_series(listed)}."
    return f"{news.leading}: {_series(listed)}."


def _largest_topics(news: News) -> str:
    if not news.topics or news.total < 2:
        return ""
    if len(news.topics) == 1 and news.topics[0][1] == news.total:
        return f"All are in {news.topics[0][0]}."
    largest = [f"{name} ({count:,})" for name, count in news.topics[:2] if count > 1]
    if not largest:
        return ""
    # Names of topics have commas and "&" of their own.
    return f"{'Largest topics' if len(largest) > 1 else 'Largest topic'}: {'; '.join(largest)}."


def _theme(news: News) -> str:
    if news.theme is None:
        return ""
    phrase, count = news.theme
    return f"More talked about than usual: “{phrase}” ({count:,} papers)."


def _series(names: Sequence[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def preheader(news: News, beside: str, *, otherwise: str) -> str:
    """Write the line ``beside`` the subject: what it does not name, in 40 to 130 characters."""
    if news.total == 1 and news.titles and (title := _only_title(news.titles[0], beside)):
        return plain_text.preheader((), otherwise=title)
    if not news.total and news.updated:
        otherwise = f"Titles or abstracts that changed since an earlier edition · {otherwise}"
    also = _also(news, beside)
    room = _LONGEST_PREHEADER - len(also)
    least = max(0, plain_text.SHORTEST_PREHEADER - len(also))
    topics = plain_text.preheader(news.topics, otherwise=otherwise, least=least, most=room)
    return (also + topics).rstrip()


def _also(news: News, beside: str) -> str:
    """Say what the names of the subject are, and name the papers that it has not."""
    explained: list[str] = []
    others: list[list[str]] = []
    for title, phrases in news.papers():
        of = forms(title, phrases)
        if any(
            form.text in beside or (form.phrase and _capital(form.text) in beside)
            for form in of
            if not form.bare
        ):
            continue
        bare = next((form.text for form in of if form.bare), "")
        if bare and bare in beside:
            explained += [
                _ended(f"{bare}: {plain_text.isolated(phrase)}") for phrase in phrases[:1]
            ]
        else:
            others.append([form.text for form in (*of, *forms_in_a_line(title, phrases)[:1])])
    also = ""
    for line in explained:
        if columns(also + line) <= _LONGEST_ALSO:
            also += line
    listed: list[str] = []
    for texts in others:
        for text in texts:
            if columns(f"{also}Also {_series([*listed, text])}. ") <= _LONGEST_ALSO:
                listed.append(text)
                break
    return f"{also}Also {_series(listed)}. " if listed else also


def _ended(line: str) -> str:
    return f"{line} " if line.endswith("?") else f"{line}. "


def _only_title(title: str, beside: str) -> str:
    """The title of a mail's only paper, if the subject has not all of it and it fits whole."""
    fits = columns(title) <= _LONGEST_PREHEADER and not UNFIT.search(title)
    return plain_text.isolated(title) if fits and title not in beside else ""


def theme_of(phrases: Sequence[str], titles: Sequence[str]) -> tuple[str, int] | None:
    """Choose the rising phrase that most of the new titles have, with their number.

    It has to be in three titles at least. ``phrases`` are the surest first.
    """
    folded = [title.casefold() for title in titles]
    best: tuple[str, int] | None = None
    for phrase in phrases:
        stem = phrase.casefold()
        if len(stem) > 3:
            stem = stem.removesuffix("s")
        word = re.compile(rf"(?<!\w){re.escape(stem)}s?(?!\w)")
        count = sum(stem in title and word.search(title) is not None for title in folded)
        if count >= _FEWEST_ON_THEME and (best is None or count > best[1]):
            best = (phrase, count)
    return best
