"""From the bytes of a feed, sitemap or front page to leads. Pure."""
