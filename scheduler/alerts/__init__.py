"""Which change reaches whom, when, and in which words."""
