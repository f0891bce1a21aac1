"""Decides when, starts everything, tells people.

- `config`: the file `parley.toml`; the only place that reads a file of settings or the environment.
- `timetable`, `recheck`, `jobs`: when something is due, and what is done then.
- `daemon`, `http`, `logs`, `service`: the process that runs for months.
- `alerts`: which change reaches whom, and in which words.
- `cli`: the command `parley`; `manual`: the pages behind `parley help`.
"""
