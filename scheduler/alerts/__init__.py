"""Which change reaches whom, when, and in which words.

- `rules`, `digest`: what goes to which channel, at once or in a summary, and what shares a message. Pure.
- `words`, `view`, `forms`, `render`, `render_many`, `render_html`, `payload`, `chat`: how it reads. Pure.
- `letters`, `delivery`, `plugins`, `secrets`: how it travels, and what must not be seen on the way.
- `dispatcher`: does it, and remembers how that went (`storage.outbox`, `storage.openings`).
"""
