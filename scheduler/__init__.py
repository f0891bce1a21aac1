"""Decides when, starts everything, tells people.

- `config` (`config_file`, `config_values`, `config_problems`, `paths`): the file `parley.toml`; the
  only place that reads settings or the environment. `assembly`: from them to what the rest takes.
- `timetable`, `recheck`, `polling`, `jobs`, `daemon`, `viewer`, `logs`: when something is due, what is done then,
  and the process that runs for months; `service`: the units that start it.
- `checking`, `probing`, `checkup`, `status`: looking now, and saying how it goes.
- `alerts`: which change reaches whom, and in which words.
- `cli`: the command `parley`; `manual`: the pages behind `parley help`; `demo`: a newsroom of its own.
"""
