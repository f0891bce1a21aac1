"""Ask only for what has changed (RFC 9110, section 13): repeat the validators of the last answer."""

from scrapy import Request

from storage.types import Validators

CONDITIONS = ("If-None-Match", "If-Modified-Since")


class ConditionalMiddleware:
    """Sets If-None-Match and If-Modified-Since from `meta["validators"]`."""

    async def process_request(self, request: Request) -> None:
        """Add the headers; a request that follows a redirect loses them: they are of another address."""
        validators = request.meta.get("validators")
        if request.meta.get("redirect_times"):
            for name in CONDITIONS:
                request.headers.pop(name, None)
        elif isinstance(validators, Validators):
            if validators.etag:
                request.headers["If-None-Match"] = validators.etag
            if validators.last_modified:
                request.headers["If-Modified-Since"] = validators.last_modified
