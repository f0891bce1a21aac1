"""Whole pages as the big content systems of Ukrainian, Russian and Indonesian outlets build them.

`written` holds an article and its gold, `around` what stands around one on every page; the other modules are
content systems, and `builds` names them all.
"""
