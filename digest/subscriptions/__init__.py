"""Readers come, shape what they get, and go: the same rules at every door.

The command line, the CSV import and the web pages all end here, so an address is judged, a
preference read and a state changed in one way only.

::

    a visitor ─▶ ask ─▶ sign-up ─▶ settle ─▶ letter "confirm" ─▶ post_letters ─▶ relay
                 (durable before the answer)                            │
    the same, a mail later:  confirm ─▶ active ─▶ save_preferences, unsubscribe, erase
"""

from digest.model import MAX_KEYWORD_LENGTH, MAX_KEYWORDS, MAX_PAPERS
from digest.subscriptions.addresses import mailbox, normal_address, visitor_address
from digest.subscriptions.letterbox import Letterbox
from digest.subscriptions.letters import Mailroom, PostReport, post_letters
from digest.subscriptions.own import (
    MOST_OFFERS,
    Offer,
    Standing,
    confirm,
    offer_to_leave,
    reader_of,
    save_preferences,
    unsubscribe_reader,
)
from digest.subscriptions.personal_data import (
    Erased,
    erase,
    erase_reader,
    export,
    export_by_address,
)
from digest.subscriptions.readers import (
    Added,
    add,
    everyone,
    find,
    pending_words,
    unsubscribe,
    unsubscribe_address,
)
from digest.subscriptions.sheet import ImportReport, export_csv, import_csv
from digest.subscriptions.sign_up import (
    IN_PEACE,
    ORIGIN,
    WORDING,
    Rates,
    Taken,
    ask,
    decline,
    request_of,
    settle,
)
from digest.subscriptions.wishes import COLUMNS, read_pause, read_preferences

__all__ = [
    "COLUMNS",
    "IN_PEACE",
    "MAX_KEYWORDS",
    "MAX_KEYWORD_LENGTH",
    "MAX_PAPERS",
    "MOST_OFFERS",
    "ORIGIN",
    "WORDING",
    "Added",
    "Erased",
    "ImportReport",
    "Letterbox",
    "Mailroom",
    "Offer",
    "PostReport",
    "Rates",
    "Standing",
    "Taken",
    "add",
    "ask",
    "confirm",
    "decline",
    "erase",
    "erase_reader",
    "everyone",
    "export",
    "export_by_address",
    "export_csv",
    "find",
    "import_csv",
    "mailbox",
    "normal_address",
    "offer_to_leave",
    "pending_words",
    "post_letters",
    "read_pause",
    "read_preferences",
    "reader_of",
    "request_of",
    "save_preferences",
    "settle",
    "unsubscribe",
    "unsubscribe_address",
    "unsubscribe_reader",
    "visitor_address",
]
