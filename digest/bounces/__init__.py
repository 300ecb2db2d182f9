"""Read the mail that comes back, and decide what it means for a subscriber.

::

    verp        envelope senders that name the delivery a bounce is about
    mailboxes   the Maildir and the IMAP folder that bounces come to
    reports     one message parsed: delivery report, complaint, or something else
    classify    what a parsed report means, and what follows for the subscriber
    quarantine  messages that a person must look at, kept as files

Values in, values out, but for ``mailboxes`` and ``quarantine``. What follows in the database is
the business of `digest.daily.bounces`.
"""
