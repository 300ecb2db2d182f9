"""Services that list papers for programs: a module each, named by its scheme.

::

    huggingface   hf:daily        Hugging Face's daily papers
    pages         pages of one list as one dump, days to catch up, query words of a location
"""
