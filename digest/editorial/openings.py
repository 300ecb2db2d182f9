"""Reword a sentence so that it says the same without the sentences before it.

Authors write "To address these limitations, we propose …", "We also find …" and "We tackle this by
introducing …": a stranger to the abstract looks for what is meant. An introductory phrase, an adverb or
a closing phrase that points back goes where a whole main clause is left; "tackle this by introducing"
becomes "introduce". No other word is changed.
"""

from __future__ import annotations

import re

from digest.editorial.pointing_words import without_pointing_words
from digest.editorial.references import WORKS, references

__all__ = ["standing_alone", "without_opening", "without_ordinal"]

# "The challenges" of nothing said are as much of a riddle as "these challenges".
_OF_NOTHING = (
    r"the(?= (?:challenges|issues|problems|limitations|shortcomings|drawbacks|difficulties|bottlenecks)"
    r"(?! (?:of|in|that|posed|associated|faced|arising|caused|which|with|to|for|when|due)\b))"
    r"|the(?= (?:challenge|issue|problem|limitation|gap)(?: by\b| via\b| through\b|[.,;]|$))"
)
_BACK = rf"(?:this|these|that|those|such|the above|{_OF_NOTHING})"
_THESE = rf"(?:this|these|those|such|{_OF_NOTHING})"
_PLACES = (
    r"(?:context|settings?|regard|directions?|vein|respect|cases?|spirit|areas?|fields?|domains?|aspects?|gaps?|"
    r"issues?|problems?|challenges?|limitations?|drawbacks?|shortcomings?|tasks?|purposes?|goals?|aims?|ends?|needs?|"
    r"questions?|scenarios?|paradigms?|visions?|concerns?|tensions?|trade-?offs?|bottlenecks?|objectives?|difficult(?:y|ies)|"
    r"requirements?|perspective|light|basis|reason|obstacles?|hurdles?|deficienc(?:y|ies)|weakness(?:es)?|topics?|dilemmas?)"
)
_GROUNDS = (
    r"(?:investigations?|analys[ie]s|findings?|observations?|insights?|theory|predictions?|results?|stud(?:y|ies)|"
    r"considerations?|intuitions?|motivations?|hypothes[ie]s)"
)
_CONNECTIVE = (
    r"hence|thus|therefore|finally|lastly|last|moreover|furthermore|additionally|in addition|also|besides|"
    r"further|meanwhile|specifically|in particular|concretely|more (?:specifically|precisely|concretely|generally|broadly)|"
    r"however|yet|still|alternatively|instead|rather|consequently|accordingly|as a (?:result|consequence|remedy|solution|first step)|"
    r"then|next|now|first|firstly|second|secondly|third|thirdly|overall|notably|importantly|similarly|crucially|"
    r"most importantly|more importantly|most notably|equally importantly?|likewise|in contrast|by contrast|conversely|in response|"
    r"nonetheless|nevertheless|otherwise|on the other hand|on the one hand|at the same time|in turn|as such|"
    r"in (?:summary|conclusion|sum|short|total|essence)|to (?:conclude|summari[sz]e|sum up)|taken together|together|collectively|"
    r"subsequently|afterwards?|correspondingly|as expected|as predicted|even (?:better|so)|and|"
    rf"(?:consistent|in (?:line|agreement|accordance)) with (?:{_BACK}|our|the) (?:\w+ )?{_GROUNDS}|"
    rf"(?:based|building|drawing|relying) (?:up)?on (?:the|our) (?:\w+ ){{0,2}}{_GROUNDS}|"
    r"(?:based|built|building|drawing) (?:up)?on our (?:[\w-]+ ){0,3}[\w-]+|"
    r"as an? (?:first|further|initial|additional|concrete|final|natural|next|second|third|key|practical|direct|proof|case)(?: [\w-]+){1,3}|"
    r"for (?:further|deeper|better|more) [a-z]+|in closing|technically|(?:even )?more (?:remarkably|surprisingly|interestingly|notably|strikingly)|"
    r"on the (?:[\w-]+ ){1,2}side|as a byproduct|along the way|"
    rf"(?:guided|inspired|motivated|driven|informed) by (?:the|our) (?:\w+ ){{0,2}}{_GROUNDS}|"
    r"in other words|that is|indeed|in fact|for (?:example|instance)|of note|"
    r"towards? (?:this|that) end|to (?:this|that|these|such) ends?|with (?:this|that) (?:aim|goal) in mind|"
    r"to (?:do|achieve|address|tackle|solve|overcome|bridge|fill|close|resolve|mitigate|remedy|counter|enable|support) (?:so|this|these|that|it|them|such|the (?:above )?(?:problem|issue|limitation|challenge|gap|shortcoming|drawback)s?)|"
    r"in (?:so )?doing so|in so doing|addressing (?:this|these)|"
    r"by doing so|for this (?:reason|purpose)|with this in mind|in light of (?:this|these)|"
    rf"(?:in|to|for|under|with|towards?|from|on) {_BACK}(?: [\w-]+)? {_PLACES}|beyond (?:this|these|that)|based on (?:this|these)|"
    r"building (?:up)?on (?:this|these)|inspired by (?:this|these)|motivated by (?:this|these)"
)
_WORK = rf"this (?:[\w-]+ ){{0,2}}?{WORKS}"
_MAIN_CLAUSE = (
    rf"(?:(?:we|our|i|{_WORK}|the authors?|"
    rf"(?:in |here,? )?(?:{_WORK}|here),? (?:we|i))\b"
    r"|(?:inspired by|motivated by|based on|building (?:up)?on|drawing (?:up)?on|leveraging|using|by) [^.;:()]{1,120}, (?:we|our|this)\b)"
)
_SUBJECT = r"(?:(?-i:[a-zα-ω]{0,4}-?[A-Z])[\w-]+|an?|the|it|there)"
_AFTER_A_COMMA = re.compile(rf"(?:and |but |so )?(?:{_CONNECTIVE}), (?=[\w“\"])", re.IGNORECASE)
_BEFORE_US = re.compile(rf"(?:{_CONNECTIVE}|here|and|but|so),? (?={_MAIN_CLAUSE})", re.IGNORECASE)
_PHRASE = re.compile(
    r"(?P<about>(?:in order )?(?:to|motivated|inspired|based|guided|driven|given|built|grounded|rooted|with|in|by|due|because|from|through|via|"
    r"as|under|against|for|on|across|among|over|throughout|at|along|between|since|although|while|upon|after|beyond|without|despite|unlike|within|during|towards?|equipped|armed|enabled|[a-z]+ing)\b "
    rf"[^.;:()]{{1,200}}?), (?P<rest>{_MAIN_CLAUSE}|{_SUBJECT} )",
    re.IGNORECASE,
)
_TO_FILL = re.compile(
    rf"{_WORK} (?:is|aims|seeks|attempts) to (?:address|bridge|fill|close|tackle|solve) {_BACK} [\w-]+[,;:] (?=we )",
    re.IGNORECASE,
)
_AND = re.compile(r"(?:And|Thus|Hence|Therefore) (?=(?:the|our|we|it|this|an?|these|each|all)\b)")
# What others do, told before what is done: said of "it" or "them", it goes.
_OTHERS = re.compile(
    r"(?:while|although|whereas|unlike|though) (?:existing|previous|prior|recent|current|most|many|earlier|other) "
    rf"[^.;:]{{1,200}}?\b(?:its|it|their|they|them|this|these|such)\b[^.;:]{{0,200}}?, (?={_MAIN_CLAUSE})",
    re.IGNORECASE,
)
_INSERTED = re.compile(
    rf"(?P<before>(?:in |here,? )?(?:{_WORK}|here),|we(?:,)?) ?(?P<about>(?:in order )?(?:to|motivated|inspired|based|with|by|in|for) [^,.;:()]{{1,120}}), (?=we |our )",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:,| —| –)? (?:(?:(?:(?:that|which) (?:is|are) )?(?:specifically |explicitly )?(?:designed|built|intended|meant|developed|created|aimed|proposed|crafted) )?(?:in order )?to (?:help )?(?:address|tackle|solve|overcome|bridge|fill|close|resolve|mitigate|alleviate|handle|meet|remedy|"
    rf"combat|counter|do|achieve|answer|enable|facilitate) (?:so|both(?: of)? {_BACK}|both(?= {_PLACES})|{_BACK}|it|them)(?: [\w-]+){{0,2}}?(?: as one| at once| (?:joint|simultaneous)ly)?"
    rf"|with the (?:ultimate )?(?:goal|aim|intent|purpose) of [a-z]+ing {_BACK}(?: [\w-]+)? [\w-]+"
    rf"|(?:that|which) (?:[a-z]+ly )?(?:address|tackle|solve|overcome|bridge|fill|close|resolve|mitigate|alleviate|meet|achieve|satisfy|fulfil|satisfie|fulfill)(?:e?s)? {_BACK}(?: [\w-]+)? {_PLACES}"
    r"|as (?:a|the|our) (?:solution|remedy|first step)"
    r"|by taking the (?:aforementioned|above) [\w-]+ into (?:account|consideration)"
    rf"|as an? (?:[\w-]+ )?steps? towards? {_BACK} [\w-]+"
    rf"|(?:(?:specifically |explicitly )?(?:tailored|designed|dedicated|suited|built|created|developed|targeted) (?:to|for)|(?:in|for|under|within|towards?)) {_BACK}(?: [\w-]+)? {_PLACES})"
    r"(?=[.,;]|$)",
    re.IGNORECASE,
)
_ADVERB = re.compile(
    r"(?P<before>(?:[^,]{0,60}, )?(?:(?:we|i|this [\w-]+|our [\w-]+|(?:[\w-]+ )?(?:results|experiments|findings|evaluations|studies|analys[ie]s))(?: (?:can|will|have|could|are|is))?)) "
    r"(?:also|even|again|further|furthermore|additionally|thus|therefore|hence|then|next|finally|lastly|instead|accordingly|subsequently|"
    r"consequently|similarly|moreover|likewise|first|firstly|conversely|thereby|in turn|specifically) (?=[a-z]{3,})",
    re.IGNORECASE,
)
_MEANS = {
    "proposing": "propose", "introducing": "introduce", "presenting": "present",
    "developing": "develop", "designing": "design", "building": "build", "constructing": "construct",
    "creating": "create", "providing": "provide", "leveraging": "leverage", "using": "use",
    "formulating": "formulate", "releasing": "release", "combining": "combine",
    "training": "train", "applying": "apply", "conducting": "conduct", "extending": "extend",
    "establishing": "establish", "integrating": "integrate", "investigating": "investigate",
    "exploring": "explore", "studying": "study", "analyzing": "analyze", "analysing": "analyse",
    "collecting": "collect", "curating": "curate", "adapting": "adapt", "employing": "employ",
    "examining": "examine", "comparing": "compare", "measuring": "measure", "learning": "learn",
    "optimizing": "optimize", "modeling": "model", "generating": "generate", "identifying": "identify",
    "reformulating": "reformulate", "unifying": "unify", "testing": "test", "enabling": "enable",
    "incorporating": "incorporate", "evaluating": "evaluate", "devising": "devise",
}  # fmt: skip
_BY_MEANS = re.compile(
    rf"(?P<subject>(?:in {_WORK},? )?(?:(?P<we>we|i)|our (?:work|paper|study|method|approach|framework)|{_WORK}))(?: aims? to| seeks? to)?"
    r" (?:[a-z]+ly )?[a-z]+"
    rf" (?:to \w+ )?(?P<about>{_THESE}|it|that(?= {_PLACES}))(?: [\w-]+){{0,3}} (?:by|through|via|with) (?P<means>{'|'.join(_MEANS)}) ",
    re.IGNORECASE,
)
_ANOTHER_MEANS = re.compile(r"\b(?:and|or) (?:[a-z]+ly )?(?P<means>[a-z]+ing)\b")
_WITH_NAME = re.compile(
    rf"(?P<subject>(?:in {_WORK},? )?(?:(?P<we>we|i)|{_WORK}))"
    r" (?:[a-z]+ly )?(?:address|tackl|bridg|fill|clos|solv|overcom|resolv|mitigat|alleviat|remed|meet)\w*"
    rf" (?:{_BACK}|it)(?: [\w-]+){{0,3}} (?:with|via|through|using|by) (?=(?:[a-z]+ )?(?-i:[A-Z])[\w+-]*[,:]? |an? )",
    re.IGNORECASE,
)
# "…, a lamp that copes with this problem by burning" says no less without the problem.
_RELATIVE = re.compile(
    rf"(?P<comma>,?) (?P<that>that|which) (?:[a-z]+ly )?[a-z]+s (?:to [a-z]+ )?(?:the [a-z]+ (?:of|for) )?(?P<about>{_THESE}(?: [\w-]+){{1,3}}?) "
    r"(?:(?P<by>by) (?=(?:[a-z]+ly (?:and [a-z]+ly )?)?[a-z]+ing )|(?:through|via|with|using) )",
    re.IGNORECASE,
)
# "…, a lamp easing these burdens via a wick" likewise says "using a wick".
_DOING = re.compile(
    rf"(?<=[a-z]) [a-z]+ing (?P<about>{_THESE}(?: [\w-]+){{1,2}}?) (?:(?P<by>by) (?=[a-z]+ing )|(?:via|through|with|using) )"
)
# "A lamp that skips those wicks and burns" burns; "one step further by dimming" dims.
_AND_DOES = re.compile(
    rf"(?P<that>(?:that|which)) [a-z]+s (?P<about>{_THESE}(?: [\w-]+){{1,2}}?) and (?=[a-z]+s )"
)
_FURTHER = re.compile(
    rf"(?P<subject>(?:in {_WORK},? )?we) (?:go|take this|take it|move) (?:one|a) step further (?:by|and) (?:[a-z]+ly )?(?P<means>{'|'.join((*_MEANS, *_MEANS.values()))}) ",
    re.IGNORECASE,
)
_IN_THESE = re.compile(
    rf" (?:in|within|across) {_THESE}(?: [\w-]+)? (?:areas?|fields?|domains?|directions?|contexts?|settings?|scenarios?)"
    r"(?= (?:to|and|by|with|that|through|using|as|for|while)\b)"
)
_NO_NOUN_BEFORE = re.compile(
    r"\b(?:by|of|for|in|to|and|or|while|when|is|are|was|were|we|not|without|through|via|on|from|than|as)$"
)
_ADDRESSING = re.compile(
    rf",? (?:that|which) (?:[a-z]+ly )?(?:address|tackl|solv|overcom|resolv|mitigat|alleviat|handl|reduc|remov|reliev|eas|eliminat|avoid|bypass|target)(?:es|e|s)? (?:{_THESE}|both)(?: [\w-]+)? {_PLACES} (?:(?P<place>in|for|under|within|across) (?!(?:a|the) (?:\w+ )?(?:way|manner|fashion)\b)|(?:simultaneously |jointly |at once )?(?P<means>using|with) )",
    re.IGNORECASE,
)
_AND_PROPOSE = re.compile(
    rf"(?P<subject>(?:in {_WORK},? )?we) (?:(?!that\b|show|find|demonstrat|prov|argu|observ|suggest|hypothes|report|reveal)[a-z]+ ){{1,5}}?(?:(?:up)?on |of )?{_THESE} [^,.;:]{{1,100}}?,? and (?:we )?(?:then |further |also |thus )?(?=(?:[a-z]+ly )?(?:propose|introduce|present|develop|design|build|study|investigate|explore|examine|construct|create|formulate|derive)\b)",
    re.IGNORECASE,
)
_THESE_RESULTS = re.compile(
    r"(?:these|those|such) (?=(?:[\w-]+ )?(?:results|findings|experiments|evaluations|observations|improvements|analyses|gains|insights|contributions)\b)",
    re.IGNORECASE,
)
# "We aim", "a lamp designed" and the like are no whole clause without what they aim at.
_WANTS_MORE = re.compile(
    r"\b(?:[a-z]+ed|aims?|seeks?|tr(?:y|ies)|attempts?|strives?|intends?|plans?|wants?|needs?|helps?|able|enough|used|built|"
    r"is|are|was|were|be|been|how|ways?|means|and|or|not|only|goals?|ability|possible|necessary|hopes?)$",
    re.IGNORECASE,
)
_BACKWARD = re.compile(
    r"\b(?:this|these|those|such|so|it|them|both|above|aforementioned|as (?:a|the|our) (?:solution|remedy)|"
    r"the (?:challenges|issues|problems|limitations|shortcomings|drawbacks|difficulties|bottlenecks))\b"
)
_ORDINAL = re.compile(
    r"(?:First|Firstly|Second|Secondly|Third|Thirdly|Fourth|Fourthly|Fifth|Finally|Lastly|Last|Next), (?=[\w“\"])"
)
_MOST = 4
_PLAIN_WORD = re.compile(r"[a-z]+(?:[-'’][a-z]+)*\b(?![A-Z0-9])")


def standing_alone(sentence: str) -> str:
    """``sentence`` reworded so that it needs no sentence before it, as far as safe rules go."""
    sentence = without_opening(sentence)
    shorter = without_pointing_words(_reworded(sentence))
    return without_opening(shorter) if shorter != sentence else sentence


def without_ordinal(text: str) -> str:
    """``text`` without the "Third," that counts it among sentences which are not shown."""
    ordinal = _ORDINAL.match(text)
    return _begun(text[ordinal.end() :]) if ordinal is not None else text


def without_opening(text: str) -> str:
    """``text`` without introductory phrases that point back to what a reader does not see."""
    for _ in range(_MOST):
        shorter = _without_one(text)
        if shorter == text:
            break
        text = _begun(shorter)
    return text


def _without_one(text: str) -> str:
    found = (
        (text.startswith(("And ", "Thus ", "Hence ", "Therefore ")) and _AND.match(text))
        or (text.startswith("This ") and _TO_FILL.match(text))
        or _AFTER_A_COMMA.match(text)
        or _BEFORE_US.match(text)
    )
    if found:
        return text[found.end() :]
    others = _OTHERS.match(text)
    if others is not None:
        return text[others.end() :]
    inserted = _INSERTED.match(text)
    if inserted is not None and references(inserted["about"]):
        return f"{inserted['before']} {text[inserted.end() :]}".replace(",,", ",")
    phrase = _PHRASE.match(text)
    if phrase is None or not references(phrase["about"]) or _is_work(phrase["about"]):
        return text
    rest = text[phrase.start("rest") :]
    if not re.match(_MAIN_CLAUSE, rest, re.IGNORECASE) and re.search(
        r"^[^.]{0,80}?(?:, (?:and|or) |, (?:we|our|this)\b)", rest
    ):
        return text
    return rest


def _reworded(text: str) -> str:
    """``text`` with what points back within its main clause reworded or left out."""
    means = _BY_MEANS.match(text)
    another = means and _ANOTHER_MEANS.search(text, means.end(), means.end() + 120)
    if means is not None and (another is None or another["means"] in _MEANS):
        verb = _MEANS[means["means"].lower()]
        if another is not None:
            second = _MEANS[another["means"]]
            second = second if means["we"] else _third_person(second)
            text = f"{text[: another.start('means')]}{second}{text[another.end() :]}"
        text = f"{means['subject']} {verb if means['we'] else _third_person(verb)} {text[means.end() :]}"
    else:
        named = _WITH_NAME.match(text)
        if named is not None:
            verb = "present" if named["we"] else "presents"
            text = f"{named['subject']} {verb} {text[named.end() :]}"
    further = _FURTHER.match(text)
    if further is not None:
        doing = further["means"].lower()
        text = f"{further['subject']} {_MEANS.get(doing, doing)} {text[further.end() :]}"
    proposed = _AND_PROPOSE.match(text)
    text = f"{proposed['subject']} {text[proposed.end() :]}" if proposed is not None else text
    adverb = _ADVERB.match(text)
    text = f"{adverb['before']} {text[adverb.end() :]}" if adverb is not None else text
    text = _THESE_RESULTS.sub("The ", text, count=1) if _THESE_RESULTS.match(text) else text
    if not _BACKWARD.search(text, 20):
        return text
    text = _ADDRESSING.sub(_addressing, text, count=1)
    text = _AND_DOES.sub(_unless_named, _IN_THESE.sub(_unless_named, text, count=1), count=1)
    text = _DOING.sub(_using, _RELATIVE.sub(_participle, text, count=1), count=1)
    return _CLOSING.sub(_unless_explained, text)


def _unless_named(pointing: re.Match[str]) -> str:
    """Nothing but "that" in the place of what points out of its sentence."""
    before, whole = pointing.string[: pointing.start()], pointing.string[: pointing.end()]
    if len(references(whole)) == len(references(before)):
        return pointing[0]
    return f"{pointing.groupdict().get('that', '')} ".lstrip()


def _using(doing: re.Match[str]) -> str:
    """The rest of "easing these burdens via": "using"."""
    if _NO_NOUN_BEFORE.search(doing.string, 0, doing.start()):
        return doing[0]
    if not references(doing.string[: doing.start("about")] + doing["about"]):
        return doing[0]
    return " " if doing["by"] else " using "


def _addressing(relative: re.Match[str]) -> str:
    """The rest of "that solves this problem in attics": "for"."""
    before, whole = relative.string[: relative.start()], relative.string[: relative.end()]
    if len(references(whole)) == len(references(before)):
        return relative[0]
    place = relative["place"]
    if place:
        return " for " if place == "in" else f" {place} "
    return f" {relative['means']} "


def _participle(relative: re.Match[str]) -> str:
    """The rest of "that solves this problem by burning": "burning"."""
    if not references(relative.string[: relative.start("about")] + relative["about"]):
        return relative[0]
    if relative["by"]:
        return f"{relative['comma'] or ',' * (relative['that'].lower() == 'which')} "
    return f"{relative['comma']} with "


def _unless_explained(closing: re.Match[str]) -> str:
    """Nothing, if the phrase points out of its sentence; else the phrase itself."""
    before = closing.string[: closing.start()]
    if re.search(r"\b(?:first|only|second) [\w-]+(?: [\w-]+)?$", before):
        return closing[0]
    if _WANTS_MORE.search(before):
        return closing[0]
    if closing[0].endswith((" this", " that", " these", " solution", " remedy", " first step")):
        return ""
    count = len(references(before))
    return "" if len(references(before + closing[0])) > count else closing[0]


def _third_person(verb: str) -> str:
    return f"{verb[:-1]}ies" if verb in ("study", "apply", "unify", "identify") else f"{verb}s"


def _is_work(about: str) -> bool:
    return re.search(rf"\b{_WORK}\b", about, re.IGNORECASE) is not None and len(about) < 40


def _begun(text: str) -> str:
    """``text`` with a capital letter, unless it begins with a name that has its own ("nnU-Net")."""
    return text[:1].upper() + text[1:] if _PLAIN_WORD.match(text) else text
