"""The functions behind `import digest`: the program's own steps, for programs and notebooks.

::

    values        what the functions return
    parsing       bytes, text or a file -> papers, by the readers of ``digest ingest``
    classifying   a paper -> topics, by the topics of the editions
    comparing     two papers -> one or two, by the comparison that keeps a paper from coming twice
    rendering     papers -> subject, HTML, text, by the templates of the mails

Each is one call, keeps nothing and asks no network. The outside uses them by `digest` itself.
"""
