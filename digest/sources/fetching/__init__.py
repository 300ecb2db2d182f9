"""Fetch pages as a good guest: verified, limited, at each host's pace, and only what has changed.

::

    fetcher      one request after the other, redirects, sizes, times; errors in one clear line
    web_address  which addresses are fetched, and how one is shown without its secrets
    pace         how often each host is asked, and when it wants to be left alone
    fetch_cache  the pages on disk, to ask hosts only for what has changed
    retry_after  what a host says of when to come again
    pinned       connect to the very addresses that were checked
    addresses    which network addresses may be fetched from
"""
