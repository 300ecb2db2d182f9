"""Turn settings into parts: the only room that meets every other one.

::

    application   the parts, each made when it is first asked for
    sending       the relay, the return path and the DKIM keys, from the settings
    bounces       the bounce mailboxes and the quarantine, from the settings
    checks        everything that ``digest check`` looks at
    processes     the daemon, the pages alone, delivery alone
"""
