"""From the bytes of a feed, sitemap or front page to leads. Pure.

- `feeds`, `sitemaps`, `sections`: one reader per kind of source.
- `autodiscovery`: which kind the bytes are; `search`: where else a publisher may list its articles.
- `opml`: lists of feeds, in and out.
- `markup`: plain text, times and encodings, bounded; used by all of them.
"""
