"""The vocabulary of the house: frozen values, one type for each stage of a paper's life.

::

    Record ─▶ Paper ─▶ Change ─▶ Assignment + Trend ─▶ Entry ─▶ Edition ─▶ Rendering ─▶ bytes
    (read)   (known)  (decided)  (judged)              (chosen) (frozen)   (frozen)     (sent)

Only the standard library is imported here, so that every room may import it. Datetimes are aware
and UTC; a ``date`` is a day in the operator's zone. Scores are dimensionless; higher is better.
"""

from digest.model.deliveries import (
    DeliveryRecord,
    DeliveryState,
    LeasedDelivery,
    Letter,
    Outcome,
    PlannedDelivery,
    Run,
    Tally,
)
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
    Record,
    Rejected,
    Sighting,
    Topic,
    Trend,
    TrendPart,
)
from digest.model.readers import (
    BOUNCED,
    COMPLAINED,
    Frequency,
    MailFormat,
    Preferences,
    SignUp,
    Subscriber,
    SubscriberEvent,
    SubscriberState,
)

__all__ = [
    "BOUNCED",
    "COMPLAINED",
    "Assignment",
    "Candidate",
    "Change",
    "DeliveryRecord",
    "DeliveryState",
    "Dump",
    "Edition",
    "EditionKind",
    "EditionSummary",
    "Entry",
    "Frequency",
    "IdentityKeys",
    "LeasedDelivery",
    "Letter",
    "Link",
    "LinkKind",
    "MailFormat",
    "Momentum",
    "Novelty",
    "Outcome",
    "Paper",
    "Placing",
    "PlannedDelivery",
    "Preferences",
    "PublishedEdition",
    "Record",
    "Rejected",
    "Rendering",
    "Run",
    "Section",
    "SectionChoice",
    "Selection",
    "Sighting",
    "SignUp",
    "Subscriber",
    "SubscriberEvent",
    "SubscriberState",
    "Tally",
    "Topic",
    "Trend",
    "TrendPart",
]
