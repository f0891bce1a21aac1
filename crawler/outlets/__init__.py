"""The packaged list of outlets: who publishes where, in which language, and who controls it."""
