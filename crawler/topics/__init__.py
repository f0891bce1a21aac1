"""Is this coverage of a topic, and why. Pure; one lexicon file per language."""
