"""The vocabulary of the house: frozen values, one type for each stage of a paper's life.

::

    Record ─▶ Paper ─▶ Change ─▶ Assignment + Trend ─▶ Entry ─▶ Edition ─▶ Rendering ─▶ bytes
    (read)   (known)  (decided)  (judged)              (chosen) (frozen)   (frozen)     (sent)

Only the standard library and `digest.hours` are imported here, so that every room may import it.
Datetimes are aware
and UTC; a ``date`` is a day in the operator's zone. Scores are dimensionless; higher is better.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from digest.model.deliveries import (
        AddressedDelivery,
        DeliveryRecord,
        DeliveryState,
        ExclusionReason,
        Job,
        LeasedDelivery,
        LeaseRequest,
        Outcome,
        PlannedDelivery,
        Run,
        ServiceMail,
        ServiceMailKind,
        Tally,
        UnknownPolicy,
        is_pause_reason,
        pause_reason,
    )
    from digest.model.details import NO_DETAILS, AnnounceType, PaperDetails
    from digest.model.editions import (
        Candidate,
        Edition,
        EditionKind,
        EditionSummary,
        Entry,
        PublishedEdition,
        Rendering,
        Section,
        SectionChoice,
        Selection,
        SummaryChoice,
    )
    from digest.model.holds import (
        MOST_PREVIEWS,
        EditionHold,
        HoldState,
        LeasedPreview,
        PreviewHold,
    )
    from digest.model.papers import (
        Assignment,
        Change,
        Dump,
        IdentityKeys,
        Link,
        LinkKind,
        Momentum,
        Novelty,
        Paper,
        Placing,
        PublishedPaper,
        Record,
        Rejected,
        RelatedPaper,
        Sighting,
        Topic,
        Trend,
        TrendPart,
    )
    from digest.model.posts import LeasedPost, PlannedPost, PostRecord
    from digest.model.readings import HeldReading, HoldReason, SourceReading
    from digest.model.sign_ups import (
        MAX_NAME_LENGTH,
        Invitation,
        SignUp,
        SignUpMode,
        SignUpRule,
    )
    from digest.model.source_health import (
        SourceHealth,
        SourceReport,
        SourceTrouble,
        SourceWarning,
    )
    from digest.model.subscribers import (
        MAX_KEYWORD_LENGTH,
        MAX_KEYWORDS,
        MAX_PAPERS,
        EventKind,
        Frequency,
        MailFormat,
        Preferences,
        RecordPart,
        SetAsideCause,
        Subscriber,
        SubscriberEvent,
        SubscriberState,
        SuppressionCause,
        UnusableRecord,
    )
    from digest.model.taste import (
        Follow,
        FollowKind,
        KeptSeed,
        NewSeed,
        PersonalPlace,
        SavedPaper,
        Seed,
        Taste,
        Vote,
        VoteDirection,
        VoteLinks,
    )

__all__ = [
    "MAX_KEYWORDS",
    "MAX_KEYWORD_LENGTH",
    "MAX_NAME_LENGTH",
    "MAX_PAPERS",
    "MOST_PREVIEWS",
    "NO_DETAILS",
    "AddressedDelivery",
    "AnnounceType",
    "Assignment",
    "Candidate",
    "Change",
    "DeliveryRecord",
    "DeliveryState",
    "Dump",
    "Edition",
    "EditionHold",
    "EditionKind",
    "EditionSummary",
    "Entry",
    "EventKind",
    "ExclusionReason",
    "Follow",
    "FollowKind",
    "Frequency",
    "HeldReading",
    "HoldReason",
    "HoldState",
    "IdentityKeys",
    "Invitation",
    "Job",
    "KeptSeed",
    "LeaseRequest",
    "LeasedDelivery",
    "LeasedPost",
    "LeasedPreview",
    "Link",
    "LinkKind",
    "MailFormat",
    "Momentum",
    "NewSeed",
    "Novelty",
    "Outcome",
    "Paper",
    "PaperDetails",
    "PersonalPlace",
    "Placing",
    "PlannedDelivery",
    "PlannedPost",
    "PostRecord",
    "Preferences",
    "PreviewHold",
    "PublishedEdition",
    "PublishedPaper",
    "Record",
    "RecordPart",
    "Rejected",
    "RelatedPaper",
    "Rendering",
    "Run",
    "SavedPaper",
    "Section",
    "SectionChoice",
    "Seed",
    "Selection",
    "ServiceMail",
    "ServiceMailKind",
    "SetAsideCause",
    "Sighting",
    "SignUp",
    "SignUpMode",
    "SignUpRule",
    "SourceHealth",
    "SourceReading",
    "SourceReport",
    "SourceTrouble",
    "SourceWarning",
    "Subscriber",
    "SubscriberEvent",
    "SubscriberState",
    "SummaryChoice",
    "SuppressionCause",
    "Tally",
    "Taste",
    "Topic",
    "Trend",
    "TrendPart",
    "UnknownPolicy",
    "UnusableRecord",
    "Vote",
    "VoteDirection",
    "VoteLinks",
    "is_pause_reason",
    "pause_reason",
]

_MODULES = (
    "papers",
    "details",
    "readings",
    "editions",
    "subscribers",
    "sign_ups",
    "deliveries",
    "source_health",
    "holds",
    "posts",
    "taste",
)
"""Where the names are, those first that need the fewest others: what only reads papers loads no more."""


def __getattr__(name: str) -> Any:
    if name in __all__:
        for module in _MODULES:
            values = vars(import_module(f"digest.model.{module}"))
            if name in values:
                globals()[name] = values[name]
                return values[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
