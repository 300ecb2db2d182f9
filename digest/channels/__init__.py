"""Post an edition to chat channels and webhooks: other ways out than mail.

::

    targets     settings ─▶ PostTarget          content     an edition as a channel shows it
    markup      each service's own writing      post_text   the words, within a service's limits
    services    target + content ─▶ HttpRequest, and what its answer means
    signature   Standard Webhooks               exchange    the request on its way, bounded

Everything but `exchange` is values in, values out. A notification library was looked at (Apprise):
one ``False`` for a refusal, a "try again in 30 seconds", a silence after the whole message was sent
and a host out of reach, so nobody could tell what may be repeated. Hence these few requests, by the
HTTP client that the program has anyway.
"""
