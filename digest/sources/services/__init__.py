"""Services that list papers for programs: a module each, named by its scheme.

::

    huggingface   hf:daily                 Hugging Face's daily papers
    arxiv         arxiv:cs.LG+cs.CL        arXiv's announcements; missed days from its repository
    biorxiv       biorxiv:neuroscience     bioRxiv's and medRxiv's preprints
    oai           oai:https://…?set=…      any repository that speaks OAI-PMH
    pages         pages of one list as one dump, days to catch up, query words of a location
"""
