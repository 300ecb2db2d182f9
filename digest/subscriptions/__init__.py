"""Let subscribers come, choose and go: the same rules at every door.

The command line, the CSV import and the web pages all end here, so an address is judged, a
preference read and a state changed in one way only.

::

    addresses               validate an address for a subscriber or a visitor
    names                   read the name that a subscriber may give
    preferences             read preferences from a form, a CSV cell or an option
    administration          add, find and unsubscribe by hand; csv_io does it by the sheet, and
                            list_files reads the lists of other programs
    sign_up                 record what visitors ask for, and process it in the background
    sign_up_rules           who may sign up: asked at every door by which people come by themselves
    invitations             links by which so many may sign up; approvals: the operator decides each
    self_service            confirm, choose, pause, leave: what the links of a mail do
    taste                   seeds, votes and follows; imported by name, since it needs the most
    reading_list            papers kept to read later; imported by name
    personal_data           show and erase all that is held about a person
    service_mails           plan and send confirmations and the like; service_mail_composer
                            makes their bytes, service_mail_worker is the thread that sends them
"""

from digest.email_address import mailbox_key
from digest.model import MAX_KEYWORD_LENGTH, MAX_KEYWORDS, MAX_PAPERS
from digest.subscriptions.addresses import (
    validate_address,
    validate_visitor_address,
)
from digest.subscriptions.administration import (
    REMOVED_BY_OPERATOR,
    AddResult,
    NewSubscriber,
    add_subscriber,
    change_preferences,
    explain_pending,
    find_by_email,
    list_subscribers,
    unsubscribe_by_email,
    unsubscribe_by_id,
    whole_address,
)
from digest.subscriptions.approvals import (
    WaitingSubscriber,
    approve,
    decline,
    waiting_subscribers,
)
from digest.subscriptions.csv_io import ImportReport, export_csv, import_csv, rejected_rows
from digest.subscriptions.invitations import (
    NewInvitation,
    invite,
    list_invitations,
    revoke_invitation,
)
from digest.subscriptions.list_files import decode_list
from digest.subscriptions.names import read_name
from digest.subscriptions.personal_data import (
    EraseResult,
    erase_by_email,
    erase_subscriber,
    export_by_email,
    export_subscriber,
)
from digest.subscriptions.preferences import COLUMNS, read_pause, read_preferences, written_fields
from digest.subscriptions.self_service import (
    MAX_LEAVE_OFFERS,
    ActionResult,
    LeaveOffer,
    confirm,
    find_subscriber,
    offer_to_leave,
    save_preferences,
    unsubscribe,
)
from digest.subscriptions.service_mail_worker import ServiceMailWorker
from digest.subscriptions.service_mails import (
    ServiceMailReport,
    ServiceMailSettings,
    send_service_mails,
)
from digest.subscriptions.sign_up import (
    CONSENT_VERSION,
    UNANSWERED_PAUSE,
    SignUpLimits,
    SignUpResult,
    confirmation_request_id,
    decline_confirmation,
    process_sign_ups,
    record_sign_ups,
)
from digest.subscriptions.sign_up_rules import (
    OPEN,
    ORIGIN,
    SignUpRefusal,
    domain_patterns,
    find_invitation,
    find_refusal,
)

__all__ = [
    "COLUMNS",
    "CONSENT_VERSION",
    "MAX_KEYWORDS",
    "MAX_KEYWORD_LENGTH",
    "MAX_LEAVE_OFFERS",
    "MAX_PAPERS",
    "OPEN",
    "ORIGIN",
    "REMOVED_BY_OPERATOR",
    "UNANSWERED_PAUSE",
    "ActionResult",
    "AddResult",
    "EraseResult",
    "ImportReport",
    "LeaveOffer",
    "NewInvitation",
    "NewSubscriber",
    "ServiceMailReport",
    "ServiceMailSettings",
    "ServiceMailWorker",
    "SignUpLimits",
    "SignUpRefusal",
    "SignUpResult",
    "WaitingSubscriber",
    "add_subscriber",
    "approve",
    "change_preferences",
    "confirm",
    "confirmation_request_id",
    "decline",
    "decline_confirmation",
    "decode_list",
    "domain_patterns",
    "erase_by_email",
    "erase_subscriber",
    "explain_pending",
    "export_by_email",
    "export_csv",
    "export_subscriber",
    "find_by_email",
    "find_invitation",
    "find_refusal",
    "find_subscriber",
    "import_csv",
    "invite",
    "list_invitations",
    "list_subscribers",
    "mailbox_key",
    "offer_to_leave",
    "process_sign_ups",
    "read_name",
    "read_pause",
    "read_preferences",
    "record_sign_ups",
    "rejected_rows",
    "revoke_invitation",
    "save_preferences",
    "send_service_mails",
    "unsubscribe",
    "unsubscribe_by_email",
    "unsubscribe_by_id",
    "validate_address",
    "validate_visitor_address",
    "waiting_subscribers",
    "whole_address",
    "written_fields",
]
