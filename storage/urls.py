"""Name the site of an address: what is visited as one. Pure: which sites there are is in `storage.sites`."""

from urllib.parse import urlsplit


def site_of(url: str) -> str:
    """Name the site of an address: its host, with the port where one is given, in lower case.

    "" for an address without a host, and for one that cannot be read.
    """
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
