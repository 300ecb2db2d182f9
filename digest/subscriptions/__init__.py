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
from digest.subscriptions.administration import (
    Added,
    add_subscriber,
    find_by_email,
    list_subscribers,
    pending_words,
    unsubscribe,
    unsubscribe_address,
)
from digest.subscriptions.csv_io import ImportReport, export_csv, import_csv
from digest.subscriptions.personal_data import (
    Erased,
    erase_by_email,
    erase_reader,
    export_by_address,
    export_subscriber,
)
from digest.subscriptions.preferences import COLUMNS, read_pause, read_preferences
from digest.subscriptions.self_service import (
    MOST_OFFERS,
    ActionResult,
    Offer,
    confirm,
    find_subscriber,
    offer_to_leave,
    save_preferences,
    unsubscribe_reader,
)
from digest.subscriptions.service_mail_worker import ServiceMailWorker
from digest.subscriptions.service_mails import (
    ServiceMailReport,
    ServiceMailSettings,
    send_service_mails,
)
from digest.subscriptions.sign_up import (
    IN_PEACE,
    ORIGIN,
    WORDING,
    SignUpLimits,
    SignUpResult,
    decline,
    request_of,
    request_sign_up,
    settle_sign_ups,
)

__all__ = [
    "COLUMNS",
    "IN_PEACE",
    "MAX_KEYWORDS",
    "MAX_KEYWORD_LENGTH",
    "MAX_PAPERS",
    "MOST_OFFERS",
    "ORIGIN",
    "WORDING",
    "ActionResult",
    "Added",
    "Erased",
    "ImportReport",
    "Offer",
    "ServiceMailReport",
    "ServiceMailSettings",
    "ServiceMailWorker",
    "SignUpLimits",
    "SignUpResult",
    "add_subscriber",
    "confirm",
    "decline",
    "erase_by_email",
    "erase_reader",
    "export_by_address",
    "export_csv",
    "export_subscriber",
    "find_by_email",
    "find_subscriber",
    "import_csv",
    "list_subscribers",
    "mailbox",
    "normal_address",
    "offer_to_leave",
    "pending_words",
    "read_pause",
    "read_preferences",
    "request_of",
    "request_sign_up",
    "save_preferences",
    "send_service_mails",
    "settle_sign_ups",
    "unsubscribe",
    "unsubscribe_address",
    "unsubscribe_reader",
    "visitor_address",
]
