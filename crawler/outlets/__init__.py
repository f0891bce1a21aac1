"""The packaged list of outlets: who publishes where, in which language, and who controls it.

- `outlets.toml`: the list. - `outlets`: reading it, and choosing from it.
"""
