"""Write papers as citations, for programs that keep references.

::

    reference     what a citation says of a paper: names, dates, identifiers, kind
    bibtex        BibTeX, safe for LaTeX of any age
    ris           RIS, for EndNote, Mendeley, Zotero
    csl           CSL-JSON, for citeproc, pandoc, Zotero
    embedded      what a web page carries so that Zotero and Google Scholar can read it
    formats       the formats by the end of a file's name
"""
