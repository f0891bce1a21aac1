"""Is this coverage of a topic, and why. Pure.

- `matcher`: the verdict, with its reasons.
- `lexicon`: word lists, one file per language in `lexicon/`, and how their terms are found.
- `folding`: spellings made equal; sentences and words.
"""
