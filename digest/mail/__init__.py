"""Turn a frozen edition into the bytes of a mail.

::

    list_identity   who sends: name, addresses, List-Id, checked once
    templates       the operator's folder and theme; sandbox, inlining, inlined_cache
    render          the only place where templates are rendered, into fragments
    fragments       what an edition's mails are made of; slots, fragment_sizes, trim
    body, message   one mail for one subscriber, assembled from encoded fragments
    headers         sender, recipient, list and unsubscribe fields
    encoding        quoted-printable bodies and header lines, octet by octet
    dkim            signatures (RFC 6376)
    tokens          signed tokens for links and for return paths
    headlines       subject, preheader and the line that a mail opens with
    paper_names     a paper's name and what it is; glosses, coined_names
    bylines         authors, institution, venue and links of a paper
    urls, plain_text   where links lead; counts and dates
    preview         a page that shows a mail as its readers will see it
"""
