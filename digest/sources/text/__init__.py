"""Read papers out of text that was copied, converted, quoted, wrapped, exported or saved.

One idea: on such a page the same frame repeats from paper to paper. ::

    text ─▶ clean ─▶ lines ─▶ pieces ─▶ the cheapest of the candidate frames ─▶ cards ─▶ account
         cleaning    markup    pieces      frames, labelling                     cards    reader

A line's marks are undone by ``marked_line`` (``brackets`` matches links over the whole text,
``unmarked`` leaves them out) or, without any, ``plain``; ``kinds`` and ``glued`` say what it is.
``texts`` knows what a reading costs: ``role_costs`` (does it look like a title?), ``gaps`` (what
stands before it?), ``line_breaks`` (does it go on?); ``anchors`` lists what may mark titles.
``signed`` tells a linked title
from the authors after it, ``title_lines`` reads lists of nothing but titles. ``card_records`` makes the records, and ``joining`` mends what line breaks cut.

A *piece* is a line, or what is left of one when the facts glued to it are taken off. A *frame* is
a guess at what marks a title (a heading of some level, a link to a paper's page, the line after
the votes …). :mod:`labelling` says what the cheapest reading of all pieces under a frame costs,
and the cheapest frame is the one the page is read with. Every line then counts as a paper's, as
known furniture of the page, or as left over; what share is left over is told, never lost.
"""
