"""A search as the pages and the API ask for it, and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from digest.mail import plain_text
from digest.model import Topic
from digest.store import UnitOfWork
from digest.store.search import Found, SearchOrder
from digest.store.search_query import LONGEST_QUERY, Phrase, SearchQuery, read_day, read_query
from digest.store.search_scope import SearchScope
from digest.store.search_words import STOP_WORDS, fold, parts
from digest.store.stemming import stem
from digest.web.page_cache import LruCache
from digest.web.spelling import Spelling, replaced

ON_A_PAGE = 20
LAST_PAGE = 50
FEW = 3
"""Papers found from which on no other words are offered."""
MOST_TOPICS = 4


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """Everything that an address asks a search for. ``page`` counts from 1."""

    words: str = ""
    topic: str = ""
    after: str = ""
    before: str = ""
    order: SearchOrder = SearchOrder.RELEVANCE
    page: int = 1

    @classmethod
    def read(cls, given: QueryParams) -> SearchRequest:
        """Read the fields of an address; one that makes no sense counts as empty."""

        def field(name: str, length: int) -> str:
            return plain_text.clean(given.get(name, "")[:length])

        order, number = given.get("sort", ""), given.get("page", "1")
        page = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 1
        after, before = field("after", 10), field("before", 10)
        return cls(
            field("q", LONGEST_QUERY),
            field("topic", 100),
            after if read_day(after) else "",
            before if read_day(before) else "",
            SearchOrder(order) if order in set(SearchOrder) else SearchOrder.RELEVANCE,
            min(max(page, 1), LAST_PAGE),
        )

    def address(self, **changes: object) -> str:
        """The part of the address after the question mark, with some fields changed."""
        asked = replace(self, **changes)  # type: ignore[arg-type]
        fields = {
            "q": asked.words,
            "topic": asked.topic,
            "after": asked.after,
            "before": asked.before,
            "sort": "" if asked.order is SearchOrder.RELEVANCE else str(asked.order),
            "page": "" if asked.page == 1 else str(asked.page),
        }
        return urlencode({name: value for name, value in fields.items() if value})

    def query(self) -> SearchQuery:
        """The words and the form's own fields as one query."""
        query = read_query(self.words)
        return replace(
            query,
            topics=(*query.topics, self.topic) if self.topic else query.topics,
            after=query.after or read_day(self.after),
            before=query.before or read_day(self.before),
        )


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The papers of one page, and what there is to say of the search.

    ``instead`` has the words searched for in the place of those that no paper has. ``better`` is a
    query that finds more, ``any_word`` one for papers with any of the words, ``topics`` those that
    the words are about; each only where little or nothing was found.
    """

    request: SearchRequest
    query: SearchQuery
    found: Found
    instead: Mapping[str, tuple[Phrase, ...]]
    better: str = ""
    any_word: str = ""
    topics: tuple[Topic, ...] = ()

    @property
    def first(self) -> int:
        """The number of the first paper of this page, from 1."""
        return (self.request.page - 1) * ON_A_PAGE + 1

    @property
    def pages(self) -> int:
        """The number of pages that can be asked for."""
        return min(-(-self.found.total // ON_A_PAGE), LAST_PAGE)


class Searches:
    """Answers to searches over the papers of a list with those topics."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = topics
        self._stems = {topic.id: _stems(f"{topic.name} {topic.description}") for topic in topics}
        self._spelling = Spelling()
        self._scopes: LruCache[SearchScope] = LruCache(1)

    def answer(self, unit: UnitOfWork, request: SearchRequest) -> SearchAnswer:
        """Search, with other words where a word is in no paper; page by page, at most the last."""
        typed = request.query().with_topics(self._ids_of)
        query = typed
        if typed.left_out and not typed:
            return SearchAnswer(request, typed, Found((), 0), {})
        if any(text.startswith("topic:") for text in typed.left_out):
            nothing = SearchAnswer(request, typed, Found((), 0), {})
            return self._with_suggestions(unit, nothing, typed)
        found = self._find(unit, query, request)
        # Of several words one of which is enough, a misspelt one would go unnoticed.
        may_be_misspelt = not found.total or any(len(group) > 1 for group in typed.groups)
        correction = self._spelling.correction(unit, typed) if may_be_misspelt else None
        corrected = self._find(unit, correction.query, request) if correction else found
        if correction is not None and corrected.total:
            query, found = correction.query, corrected
        elif found.total < FEW and typed.groups:
            query = self._spelling.wider(unit, typed)
            found = self._find(unit, query, request) if query is not typed else found
        last = max(-(-found.total // ON_A_PAGE), 1)
        if request.page > last:
            request = replace(request, page=last)
            found = self._find(unit, query, request)
        instead = correction.words if correction and query is correction.query else {}
        answer = SearchAnswer(request, query, found, instead)
        return answer if found.total >= FEW else self._with_suggestions(unit, answer, typed)

    def _with_suggestions(
        self, unit: UnitOfWork, answer: SearchAnswer, typed: SearchQuery
    ) -> SearchAnswer:
        request = answer.request
        better = {} if answer.instead else self._spelling.better_known(unit, typed)
        several = len(typed.groups) > 1 and not answer.found.total
        any_word = replace(typed, groups=(tuple(term for group in typed.groups for term in group),))
        return replace(
            answer,
            better=replaced(request.words, better) if better else "",
            any_word=" OR ".join(typed.words)
            if several
            and len(typed.words) > 1
            and unit.papers.find(any_word, limit=1, scope=self.scope(unit)).total
            else "",
            topics=() if answer.found.total else self._about(typed),
        )

    def _find(self, unit: UnitOfWork, query: SearchQuery, request: SearchRequest) -> Found:
        start, scope = (request.page - 1) * ON_A_PAGE, self.scope(unit)
        return unit.papers.find(query, request.order, limit=ON_A_PAGE, offset=start, scope=scope)

    def scope(self, unit: UnitOfWork) -> SearchScope:
        """The papers that were published."""
        return self._scopes.get(unit.editions.stamp(), unit.published_papers.search_scope)

    def _ids_of(self, name: str) -> tuple[str, ...]:
        """The topic with that id or name, else those whose names begin so."""
        wanted = " ".join(part.word for part in parts(name))
        names = {
            topic.id: " ".join(part.word for part in parts(topic.name)) for topic in self._topics
        }
        same = tuple(id for id, known in names.items() if wanted in (known, fold(id)) or name == id)
        begun = tuple(id for id, known in names.items() if wanted and known.startswith(wanted))
        return same or begun

    def _about(self, query: SearchQuery) -> tuple[Topic, ...]:
        """The topics whose names and descriptions have most of the words asked for."""
        asked = set(query.words) | {part.word for text in query.left_out for part in parts(text)}
        wanted = {stem(word) for word in asked - STOP_WORDS - {"topic"}}
        near = [(len(wanted & self._stems[topic.id]), topic) for topic in self._topics]
        near.sort(key=lambda pair: -pair[0])
        return tuple(topic for shared, topic in near if shared)[:MOST_TOPICS]


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(part.word) for part in parts(text) if part.word not in STOP_WORDS)
