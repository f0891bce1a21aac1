"""What was seen, when, and what changed; knows no network, no clock and no configuration file.

- `types`, `errors`: the vocabulary everybody speaks; standard library only.
- `codec`, `changes`, `diff`, `suspicion`, `stories`: pure thinking about texts and looks.
- `models`, `database`, `migrations`: the tables, and the one writer that fills them.
- `recording`: the only writer of history; `fetchstate`, `sources`, `leases`, `outbox`: the other rows.
- `history`, `search`, `export`, `retention`: reading it back, and letting it go.
- `web`: the viewer, which only reads.
"""
