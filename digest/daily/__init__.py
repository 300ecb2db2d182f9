"""The use-cases: ingest, publish and deliver, and reading what comes back by mail.

::

    ingest    for each dump that the sources have and the memory has not:
                  make the keys of its records, and look up what is known under them
                  decide of each record: new, revised or seen
                  assign topics to what is new or revised
                  remember all of it, or hold it if it is implausible
                                                                 one transaction a dump
    let in    what is held, on the operator's word
    publish   take every new and revised paper that no daily edition has had yet
              judge how much each matters; choose and arrange; render; freeze
                                                                 one transaction an edition
    deliver   count and freeze who gets which edition, and from when on
              for each of them, until nothing is due: lease, note the attempt, send, note the
              outcome

    bounces   for each message that came back: understand it, note what follows for its reader
              then take it out of the mailbox                    one transaction a message

Every step records a `digest.model.Run` with what it did and, where nothing went out, why. Each is safe to
repeat: the constraints of the store make the second time boring.
"""
