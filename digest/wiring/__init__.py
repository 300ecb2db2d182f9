"""Turn settings into parts: the only room that meets every other one.

::

    store_parts      the database, the journals, the keys of links
    source_parts     what sources are read with: pace, cache, who we say we are
    edition_parts    locations, topics, templates, the list's identity
    delivery_parts   what sends mail and reads what comes back
    application      all of them, each made when it is first asked for; pages, pruning
    sending          the relay, the return path and the DKIM keys, from the settings
    bounces          the bounce mailboxes and the quarantine, from the settings
    checks           everything that ``digest check`` looks at
    processes        the daemon, the pages alone, delivery alone
    logs             how these write their log
    proxy_notice     what the pages noticed of the proxy in front of them
    trusted_files    files that others could read or change
"""
