"""The viewer: an ASGI app over the history that only reads."""
