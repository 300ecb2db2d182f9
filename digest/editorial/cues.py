"""The turns of phrase by which abstracts announce what is done and what came out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_WORK = r"(?:paper|work|article|report|study|survey|thesis|chapter|tutorial|review|whitepaper)"
_AUTHORS = rf" (?:we|our \w+|this (?:[\w-]+ )?{_WORK}|the (?:{_WORK}|authors?)|(?<=^ )i)"
_NEW = (
    r"(?:propos|introduc|present|develop|design|devis|describ|contribut|releas|build|built|construct|"
    r"creat|curat|collect|compil|produc|distil|formulat|unveil|suggest|put forward|bring forward|open-sourc|establish)"
)
_STUDY = (
    r"(?:stud(?:y|ies)|investigat|explor|examin|analy[sz]|survey|review|revisit|"
    r"extend|classif|take |took |adapt|argu|advocat|formali[sz]|characteri[sz]|provid|offer|"
    r"report|combin|leverag|derive|reformulat|re-?think|re-?examin|re-?evaluat|bridge|bring|cast |give|discuss|augment|"
    r"summari[sz]|generali[sz]|integrat|quantif|measur|cover|identif|show|demonstrat|prove|find)"
)
_DO = r"(?:use|train|employ|appl|perform|conduct|evaluat|benchmark|compar|test|tak|approach|draw|tr(?:y|ies) |mak|re-|explain)"
_FIND = (
    r"(?:show|demonstrat|find|found|prove|conclud|observ|reveal|discover|achiev|obtain|report|identif|"
    r"outperform|surpass|improv|attain|reach|set )"
)
_THINGS = (
    r"(?:method|framework|model|approach|algorithm|network|architecture|system|dataset|benchmark|"
    r"pipeline|technique|librar|toolkit|survey|famil|strateg|module|paradigm|agent|suite|series|"
    r"mechanism|loss|metric|cache|memory|representation|objective|score|tool|interface|engine|environment|"
    r"formulation|procedure|estimator|scheme|solution|policy|variant|extension|harness|recipe|platform|protocol|transformer|task|theor|corpus|optimizer|layer|baseline)"
)


_Cues = tuple[tuple[float, re.Pattern[str]], ...]
_Finders = tuple[tuple[float, Callable[[str], object]], ...]


def _cues(*rows: tuple[float, str]) -> _Cues:
    return tuple((weight, re.compile(pattern)) for weight, pattern in rows)


# Turns of phrase with their weight, looked for in the sentence in lower case,
# between blanks (a blank is found much sooner than a word boundary). The weights are
# ranks put in steps by hand (a plain announcement 4, a study 2.5, a hint 1 or less) and were
# checked by reading; what matters is their order, not their size.
# Of the announcements only the strongest counts, so that two weak ones are not taken for a plain one.
_ANNOUNCED = _cues(
    (4.0, rf"{_AUTHORS}(?: (?!our |the )[\w-]+,?){{0,4}}? {_NEW}"),
    (3.5, r" we [^.]{0,120}?,? and (?:\w+ )?(?:propose|introduce|present|develop|design|build|release) "),
    (3.0, rf" an? (?:new|novel) (?:[\w-]+ ){{0,3}}?{_THINGS}s? (?:called|named|dubbed|termed) "),
    (2.5, rf"{_AUTHORS}(?: [\w-]+,?){{0,3}}? {_STUDY}"),
    (2.5, rf"{_AUTHORS}(?: [\w-]+,?){{0,3}}? (?:address|tackl|focus|consider|aim|seek)[^.]{{0,120}}? (?:by [a-z]+ing|and (?:show|propose|find|demonstrate|prove|develop|introduce))"),
    (1.8, rf"{_AUTHORS}(?: [\w-]+,?){{0,3}}? (?:address|tackl|focus|consider|aim|seek|ask )"),
    (2.5, r" we are (?:among )?the first to "),
    (2.5, r" (?:(?:goal|aim|purpose|objective) of this|our (?:goal|aim|objective))\b"),
    (2.5, r" is (?:\w+ )?(?:proposed|introduced|presented|developed)\b"),
    (2.5, r" (?:method|approach|framework|algorithm)[^.]{0,40}? aims "),
    (2.0, r" (?:is|are) (?:\w+ )?(?:studied|investigated|explored|analy[sz]ed|examined|reviewed)\b"),
    (1.5, rf" (?:we|this {_WORK})(?: [\w-]+,?){{0,3}}? {_DO}"),
    (1.0, r" are (?:\w+ )?(?:proposed|introduced|presented|developed)\b"),
    (1.0, r" (?:is|are) (?:\w+ )?(?:adopted|employed|utili[sz]ed|devised|designed) to "),
)  # fmt: skip
_DONE = _cues(
    (1.5, rf"(?:[,:]| [–—-]) (?:an?|the first) (?:[\w-]+[ ,]+){{0,6}}?{_THINGS}\w* (?:that|which|for|to|of|based|designed|with|using|in|where|built|capable|whose|com|con)"),
    (1.5, rf" (?:in this (?:\w+ )?{_WORK}|here,? we)\b"),
    (0.8, r" (?:novel|new|first|simple|unified|general)\b"),
    (0.5, r" (?:called|named|dubbed|termed|coined|namely|we call)\b"),
    (-6.0, rf"{_AUTHORS} (?:do|does) not\b"),
    (-1.5, r"^ (?:(?:at|during) (?:inference|training|test|the|post)|for (?:inference|training|evaluation|the (?:first|second|former|latter))|in the [\w -]{3,40}, we|in order to )"),
    (-1.0, r"^ to [^,]{3,90}, we (?:\w+ )?(?:propos|introduc|present|develop|design|devis)\w* an? (?:[\w-]+ ){0,4}(?:mechanism|module|strategy|scheme|component|loss|step|procedure)\b"),
    (-3.0, r" present (?:\w+ ){0,2}(?:empirical )?(?:evidence|experiments|experimental results)\b"),
    (-3.0, r" make [\w ]{0,20}contributions"),
    (-3.0, r" (?:two|three|four|five|several|the following) (?:\w+ )?(?:findings|insights|contributions|observations|results|questions|innovations|issues|challenges)\W*$"),
    (0.8, r" to (?:create|build|develop) [\w-]+[:,] "),
    (-2.0, r" (?:we|our \w+) (?:conclude|also|additionally|further|hope) "),
    (-1.5, r"^ we (?:first|then|next|finally|start by|begin by) "),
    (-2.0, r" (?:close|end|conclude) (?:with|by) "),
    (-2.5, r" (?:describe this \w+ as|buil(?:ds|t|ding) (?:up)?on) "),
    (-2.5, r"^ to (?:validate|evaluate|assess|verify|support|train|enable|facilitate|implement|test|demonstrate|complement|ensure|encourage|stabili[sz]e|optimi[sz]e|increase|simulate) "),
    (-1.0, r" (?:experiments?|ablations?)\b"),
    (-1.0, r"^ (?:in the (?:first|second|third|final|next)|as an? additional|due to|since|at their core) "),
)  # fmt: skip
_CAME_OUT = _cues(
    (3.0, r" (?:experiment|evaluation|result|studies|analys[ie]s|simulation|ablation|finding)\w*\b[^.]{0,80}?\b(?:show|demonstrat|indicat|suggest|reveal|confirm|validat|verif|prove|highlight|illustrat|support)"),
    (2.5, rf" we (?:[\w-]+ ){{0,2}}?{_FIND}"),
    (1.5, r"(?: and|,) (?:show|find|demonstrate|reveal|prove|showing|finding|demonstrating|revealing|proving) (?:that|how)\b"),
    (-2.0, r" (?:achieve (?:this|that|it)\b|(?:promising|viable) (?:avenue|direction|path)|new (?:avenues|directions|opportunities)|pav(?:es|ing) the way)"),
    (2.5, r" (?:outperform|surpass|exceed|beat|achiev|attain|reach|obtain|improv(?:es|ing|ement)|reduc|match|yield|deliver|gain|boost|accelerat|ranks|ranked|ranking|scores|scoring|wins|won|cuts|lowers|retains|retaining|preserv(?:es|ing) |lead(?:s|ing)? to)"),
    (1.0, r" (?:unprecedented|stabili[sz]es|speeds|enabl|allow|without (?:compromising|sacrificing|losing|loss)|only|record|near-)"),
    (1.5, r" (?:state[- ]of[- ]the[- ]art|sota)\b"),
    (1.0, r" particular(?:ly)? (?:strength|strong|excel|effective)"),
    (1.5, r"\d(?:\.\d+)?\s?(?:%|×|x\b|times\b|points?\b|percent|db\b|fps\b|map\b|ap\b|bleu\b|/)"),
    (0.8, r" \d(?![23]?d\b)(?!d\b)"),
    (0.7, r" (?:significant|substantial|consistent|effective|superior|competitive|strong|better|higher|faster|fewer|comparable|robust)"),
    (1.0, r" (?:(?:more|less) (?:\w+ ){1,2}than|at least as)\b"),
    (0.5, r" (?:compared (?:to|with)|over|than|baselines?|benchmarks?|datasets?)\b"),
    (-1.5, r" we (?:further|additionally|finally|lastly) "),
    (-5.0, r" (?:achieve|reach) (?:our|the) (?:\w+ )?(?:goal|aim|objective)"),
    (-1.0, r"^ (?:a companion|as a (?:byproduct|side)|when transferred|beyond |for (?:larger|smaller|other|some) )"),
    (-4.5, r" (?:close|end|conclude) with "),
    (-3.0, r" (?:two|three|four|five|several) (?:[\w-]+ ){0,3}(?:dimensions|aspects|parts|steps|stages|components|phases|pillars|levels): (?:we|first|the first) "),
    (-1.0, r" (?:conduct|perform|carry out|ran?|run) (?:\w+ ){0,2}experiments"),
    (-1.5, r" (?:effectiveness|efficacy|superiority|validity|generality|feasibility|efficiency|usefulness|applicability)(?: and \w+)? of [^,;:0-9]{1,70}$"),
    (-1.0, r" (?:(?:it|they) (?:can )?also\b|also (?:\w+ )?(?:discover|show|demonstrat|find|provid|conduct|introduc|propos|present|report))"),
    (-1.0, r"^ (?:in|for) (?:particular|example|instance)\b"),
    (-2.5, r" we (?:[\w-]+ ){0,2}?(?:propos|introduc|present|design|develop|construct|describ|build|hope|believe|discuss|position|envision|plan)"),
    (-7.0, r" (?:two|three|four|five|six|several|following) (?:[\w-]+ ){0,3}(?:findings|insights|contributions|observations|results|limitations|advantages|challenges|issues|problems|gaps|questions|properties|principles|factors|phenomena|modes|patterns|trends|regimes|behaviou?rs)\W*$"),
    (-1.0, r" (?:future (?:work|research)|ablation|additional contribution)"),
    (-1.0, r" (?:verif|validat|support|corroborat|confirm)\w* (?:\w+ )?our (?:\w+ )?(?:finding|claim|theor|analys|hypothes|observation)"),
)  # fmt: skip
# A hope, a promise of insights, an outlook, an aside: neither what is done nor what came out of it.
# They are rare, and looked for only where one of the words stands.
_OUTLOOK_WORDS = (
    "insight",
    "hope",
    "envision",
    "direction",
    "challenges",
    "avenue",
    "finding",
    "observation",
    " step",
    " result ",
    "result:",
    "future",
    "barrier",
    "foundation",
    "new era",
    "highlight",
    "potential",
    "promise",
    " even ",
)
_OUTLOOK = _cues(
    (-2.5, r"(?<! to) (?:provides?|offers?|gives?|yields?) (?:(?:new|novel|valuable|deep\w*|useful|important|further|actionable|fresh) )*insights?\b"),
    (-2.5, r" (?:our (?:\w+ )?hope|envisions?|(?:future|promising|possible|potential|open) (?:[\w-]+ ){0,2}(?:directions|challenges|avenues))\b"),
    (-3.0, r" (?:some|surprising|expected|interesting)\W? (?:\w+ )?(?:findings|insights|observations)\W*$"),
    (-1.5, r" tak(?:es?|ing) an? (?:\w+ )?steps? toward"),
    (-2.0, r" (?:holds?|shows?|offers?) (?:a lot of |great |significant |much |some )?promise\b"),
    (-2.5, r" (?:(?:empower|shap|transform|redefin)\w* the future| new era|lower\w* (?:the )?(?:[\w-]+ ){0,4}barriers?|(?:lay|establish|provid|offer|serv|build)\w* (?:as )?(?:an?|the) (?:[\w-]+ ){0,3}foundations? (?:for|of))"),
    (-1.0, r" highlight\w* (?:the |its |their )?(?:[\w-]+ )?(?:value|potential|importance|promise|need|benefits?) (?:of|for|in|as)\b| (?:demonstrat|show)\w* (?:the |its |their )(?:\w+ )?potential\b"),
    (-1.5, r" (?:negative|related) result\b| even (?:more|better|further|greater) (?!than\b)[\w-]+ (?!than\b)"),
)  # fmt: skip
# What tells a reader nothing new, or nothing alone.
_BACKGROUND = _cues(
    (-2.5, r"^ (?:however|yet|but|nevertheless|unfortunately|although|though|despite|existing|previous|prior|recent|recently|current|currently|traditional|conventional|most|many|typically|in recent years|today|if)\b"),
    (-2.5, r"^ [\w -]{1,30}, however,"),
    (-1.5, r" (?:remains?|challenging|ha(?:s|ve) (?:recently )?(?:been|shown|achieved|become|emerged|demonstrated|made|attracted|gained)|suffers?|fails?|struggles?|often|is (?:an?|one of the) (?:\w+ )?(?:important|fundamental|crucial|key|challenging|essential))\b"),
)  # fmt: skip
_DEPENDENT = _cues(
    (-1.0, r"^ (?:moreover|furthermore|additionally|in addition|also|besides|further|meanwhile|likewise|similarly|another|here(?!,? we)|alternatively|first(?:ly)?|second(?:ly)?|third(?:ly)?|fourth|next|then|finally|lastly|in particular|specifically|concretely|more (?:specifically|precisely|importantly)|in contrast|rather|e\.g|interestingly)\b"),
    (-6.0, r"^ +\[?(?:\d{1,2}|[ivx]{1,4}|[a-e])[.)\]]"),
    (-0.3, r"^ (?:to this end|to that end|therefore|thus|hence|instead|as a result|consequently|accordingly|building on|based on)\b"),
    (-0.3, r" (?:the above|the following|aforementioned|before-mentioned|as follows|this (?:issue|problem|question|intuition|formulation|observation|paradigm)|these (?:issues|problems|challenges|limitations|observations))\b"),
)  # fmt: skip
# Not counted against a sentence that follows the one it speaks of.
_POINTS_BACK = re.compile(
    r"^ (?:it|they|them|its|their|he|she|such|these|those|this|that|as a result|"
    r"the (?:former|latter|second|third|proposed|resulting|first|key|main|other|core))\b"
    rf"(?! (?:[\w-]+ )?{_WORK})"
)
_OPENINGS = str.maketrans('("“‘', "    ")
_RELEASES = ("avail", "releas", "http", "www", "github", "open", "public", "link", "repo", "page", "can be found", "accepted", "project")  # fmt: skip
_AVAILABILITY = re.compile(
    r"https?://|www\.| (?:github|hugging ?face|project (?:page|web)|supplementary)\b|"
    r" (?:is|are|be|been|made|make|codes?|datasets?|data|weights) (?:[\w-]+ ){0,3}available\b|"
    r" available (?:at|here|online|on|under|via|from|:)| available\W*$|"
    r" (?:is|are|be|been|we|and) (?:[\w-]+ ){0,2}?(?:open-?sourced?|released?)\b|"
    r" (?:maintained|listed|hosted|provided|found) (?:at|in|on|under) (?:this|the|our) (?:link|url|repository|website|page)\b|"
    r" (?:made public|can be found|accepted (?:to|at|by))\b"
)
_THINGS_RELEASED = re.compile(
    r"\b(?:codes?|models?|data(?:sets?)?|weights|checkpoints|implementation|demos?|videos?|source|lists?)\b"
)
_ANNOUNCEMENT = re.compile(
    rf"{_AUTHORS} (?:also |further )?(?:propos|introduc|present|develop|describ|buil|construct|creat|design|curat|collect|train|contribut)"
)
_QUESTION = re.compile(r"\?[\"'”) ]*$")


@dataclass(frozen=True, slots=True)
class CueWeight:
    """The worth of a sentence as a statement of what is done, and of what came out.

    ``points_back`` says that it speaks of the sentence before it ("It", "This").
    """

    done: float
    came_out: float
    points_back: bool


FOR_POINTING_BACK = -2.0
# An abstract that does not begin with what is done begins with what everybody knows.
_FOR_A_BEGINNING = -1.5
_LEAST_FOR_A_BEGINNING = 1.5


def weigh_sentence(sentence: str, depth: float) -> CueWeight:
    """The weight of a sentence that stands at ``depth`` (0 first, 1 last) of its abstract."""
    lower = f" {sentence.lower().translate(_OPENINGS)} "
    common = _sum(_FIND_DEPENDENT, lower)
    background = _sum(_FIND_BACKGROUND, lower)
    if _only_releases(lower):
        common -= 5.0
    if _QUESTION.search(lower):
        common -= 2.0
    if any(word in lower for word in _OUTLOOK_WORDS):
        common += _sum(_FIND_OUTLOOK, lower)
    points_back = depth > 0 and bool(_POINTS_BACK.search(lower))
    done = _strongest(_ANNOUNCED, lower) + _sum(_FIND_DONE, lower)
    came_out = _sum(_FIND_CAME_OUT, lower)
    if depth == 0 and done < _LEAST_FOR_A_BEGINNING:
        background += _FOR_A_BEGINNING
    # What is done is said before what comes out.
    done += common + background - depth
    came_out += common + background / 2 + depth
    if points_back:
        done += FOR_POINTING_BACK
    return CueWeight(done, came_out, points_back)


def _only_releases(lower: str) -> bool:
    """Tell whether the sentence only says where something can be had."""
    if not any(word in lower for word in _RELEASES) or not _AVAILABILITY.search(lower):
        return False
    if "http" in lower or "project" in lower:
        return True
    return bool(_THINGS_RELEASED.search(lower)) and not _ANNOUNCEMENT.search(lower)


def _strongest(cues: _Cues, lower: str) -> float:
    return next((weight for weight, cue in cues if cue.search(lower)), 0.0)


def _sum(finders: _Finders, lower: str) -> float:
    weight = 0.0
    for worth, find in finders:
        if find(lower):
            weight += worth
    return weight


def _finders(cues: _Cues) -> _Finders:
    """The cues as functions: one that stands only at the beginning is not looked for elsewhere."""
    return tuple(
        (weight, cue.match if cue.pattern.startswith("^") else cue.search) for weight, cue in cues
    )


_FIND_DONE, _FIND_CAME_OUT, _FIND_BACKGROUND, _FIND_DEPENDENT, _FIND_OUTLOOK = map(
    _finders, (_DONE, _CAME_OUT, _BACKGROUND, _DEPENDENT, _OUTLOOK)
)
