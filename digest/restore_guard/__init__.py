"""Notice a database that was restored from an older copy, before anything is sent from it.

::

    sender_files   what this machine recorded of its own sending, on a local disk
    guard          the check against the store: pause, record, resume

A database put back from yesterday's copy cannot know that it is old; files beside it can.
"""
