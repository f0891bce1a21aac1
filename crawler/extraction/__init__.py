"""From the bytes of a page to an ArticleContent. Pure; imported by worker processes."""
