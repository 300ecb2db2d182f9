"""Send mail over SMTP: every planned mail of an edition ends in exactly one recorded state.

::

    drain                 empty an edition's outbox: recover, lease, send, record
    send_job, send_limits what a run sends, and how much at once; ports: what it needs of others
    send_loop             the loop: feed the workers, collect results, record outcomes
    lease_feeder          lease a batch, commit its attempts, hand out; batch_size, store_retry
    outcome_recorder      outcomes, written to the outbox a batch at a time
    worker_pool           the threads that send, one for each session with the relay
    session               one open SMTP session; smtp_wire, envelope, connection beneath it
    smtp                  connect, verify, encrypt, log in; send_one: one mail outside any outbox
    retry                 what a reply means: a policy as a value, a decision without a clock
    circuit_breaker       failures in a row that pause the sending or end the run
    rate_limit, warm_up   mails a second, in all and to one domain; mails a day of a new sender
    journal               the mails in flight, in a file that outlives the process
    journal_recovery      what dead senders left, brought to a true state
    audience              who gets an edition, and from when on
    composition_failures  what follows when a mail cannot be made
    progress              how far a run is, as a value and for a log
"""
