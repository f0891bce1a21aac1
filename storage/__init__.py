"""What was seen, when, and what changed; knows no network, no clock and no configuration file.

- `types`, `kinds`, `errors`: the vocabulary everybody speaks; standard library only.
- Pure thinking: `suspicion` (what one more look means; from `keys`, `places`), `changes` (what a step is; from `alignment`,
  `passages`, `tokens`, `quotes`, `names`, `notes`, `sentences`, `vocabulary`), `diff`, `codec`,
  `words` (how search folds), `rows` (rows to words).
- `models`, `migrations`, `database`, `faults`: the tables, the one writer, and its errors in sentences.
- `recording`: the only writer of history; its parts are `look`, `addresses`, `steps`, `absence`,
  `judging` (noise or edit, by what `commons` and `volatility` know of a site), `texts`, `decisions`,
  and `rejudging` when topics change.
- `sources`, `rounds`, `leads`, `further` (with the rules `candidates`), `polls`, `rhythm`: what is watched,
  what it offers and leads to; `shapes`, `shape_counts`: how each site builds the addresses of articles.
- `sites`, `fetchstate`, `leases`, `facts`, `requests`, `source_status`, `origins`: when, by whom, how it goes, where from.
- `outbox`, `openings`, `owed`: what is owed to whom.
- `history`, `glance`, `search`, `counts`, `export`: reading it back; `retention`: letting it go.
- `web`: the viewer, which only reads.
"""
