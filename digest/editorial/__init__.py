"""Decide what is new, what it is about, and what matters: values in, values out.

::

    identity         which remembered paper a record is: comparable_text, normalise, likeness;
                     title_contrast for siblings, authorship
    identity_keys    what it is looked up by; signature
    diff, revision   new, revised or seen, and why
    plausibility     whether a reading looks like papers, and like its source
    topics           a paper's topics; lexicon, phrases, features, classifier
    trending         a paper's score in parts; momentum and bursts for topics and phrases
    significance     how surprising a count is
    summary          two sentences of an abstract that stand alone; statements, sentences, cues,
                     section_labels, openings, references, acronyms, shortening, text_repair
    links            code, project page, data, model and demo as badges
    edition          the papers of a day or a week as entries
    arrangement      their order: picks, sections and their shares (shares)
    selection        one subscriber's choice of an edition; keywords
    top              the top papers of a week or a month, by the votes known now
    paper_limits     how long a text may be
"""
