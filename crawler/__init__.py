"""From an address to an Observation; the only code that talks to publishers.

- `clock`, `cronline`, `windows`, `config`, `settings`: time, what a user may set, Scrapy's settings.
- `engine`: one visit to one site; `spiders`, `middlewares`, `pipelines`: how Scrapy does it.
- `workers`: processes that read pages under a time and memory limit.
- `identity`, `discovery`, `extraction`, `topics`: pure thinking, bytes in and facts out.
- `outlets`: the packaged list of outlets for the talks.
"""
