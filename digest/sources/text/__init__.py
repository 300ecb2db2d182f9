"""Read papers out of text that was copied, converted, quoted, wrapped, exported or saved.

One idea: on such a page the same frame repeats from paper to paper. ::

    text ─▶ clean ─▶ lines ─▶ pieces ─▶ the cheapest of the candidate frames ─▶ cards ─▶ account
         cleaning    markup    pieces      frames, labelling                     cards    account

A *piece* is a line, or what is left of one when the facts glued to it are taken off. A *frame* is
a guess at what marks a title (a heading of some level, a link to a paper's page, the line after
the votes …). :mod:`labelling` says what the cheapest reading of all pieces under a frame costs,
and the cheapest frame is the one the page is read with. Every line then counts as a paper's, as
known furniture of the page, or as left over; what share is left over is told, never lost.
"""
