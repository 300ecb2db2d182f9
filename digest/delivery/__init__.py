"""Send mail over SMTP: every planned mail of an edition ends in exactly one recorded state.

::

    outbox           empty an edition's outbox: recover, lease, send, record
    ports            what sending needs of the store, and how much at once
    send_loop        the loop: lease a chunk, commit its attempts, hand out, record outcomes
    worker_pool      the threads that send, one for each session with the relay
    session          one open SMTP session; smtp_wire, envelope, connection beneath it
    smtp             connect, verify, encrypt, log in
    send_one         a single mail outside any outbox
    retry            what a reply means: a policy as a value, a decision without a clock
    circuit_breaker  when failures in a row pause the sending or end the run
    rate_limit       mails a second, in all and to one domain; the warm-up of a new sender
    journal          the mails in flight, in a file that outlives the process
    audience         who gets an edition, and from when on
    uncomposed       what follows when a mail cannot be made
    progress_log     how far a run is, for a log
"""
