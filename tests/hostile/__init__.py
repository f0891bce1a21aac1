"""The hostile rig of the shared tools, run on the product's real path."""
