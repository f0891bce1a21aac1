"""The command `parley`: one module per group of its help."""
