"""Adapter for the extraction bench: calls the very function the daemon calls."""

from crawler.extraction.article import extract_article


def extract(html: bytes, url: str) -> dict[str, object]:
    content = extract_article(html, url=url).content
    if content is None:
        return {}
    fields = ("title", "published", "modified", "language", "text")
    return {name: getattr(content, name) for name in fields} | {"authors": list(content.authors)}
