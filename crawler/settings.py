"""Scrapy's settings, shared by the daemon's visits and `scrapy crawl`; unsafe defaults are overruled here."""

from importlib.metadata import PackageNotFoundError, version


def user_agent(contact: str = "") -> str:
    """Say who we are and, where the operator wants it, how to reach them."""
    try:
        number = version("parleywatch")
    except PackageNotFoundError:
        number = "0"
    return f"Parleywatch/{number}" + (f" (+{contact})" if contact else "")


BOT_NAME = "Parleywatch"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
USER_AGENT = user_agent()

TWISTED_REACTOR_ENABLED = False  # one asyncio loop for everything
DOWNLOAD_HANDLERS = {
    "http": "crawler.middlewares.handler.GuardedHandler",
    "https": "crawler.middlewares.handler.GuardedHandler",
    "file": None,
    "data": None,
    "s3": None,
    "ftp": None,
}
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.downed.DownedProxyMiddleware": 90,
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    "crawler.middlewares.access.AccessMiddleware": 390,  # before the headers that all requests get
    "crawler.middlewares.conditional.ConditionalMiddleware": 550,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
}
ITEM_PIPELINES = {"crawler.pipelines.StorePipeline": 300}

REMOTE_CONTROL_ENABLED = False  # on by default, runs posted Python
TELNETCONSOLE_ENABLED = False
DOWNLOAD_VERIFY_CERTIFICATES = True  # off by default
ROBOTSTXT_OBEY = (
    False  # Scrapy's parser never expires and ignores the status; ours is in middlewares.robots
)
HTTPPROXY_ENABLED = False  # it takes proxies from the environment; ours are in the settings only
COOKIES_ENABLED = False
METAREFRESH_ENABLED = False
REFERER_ENABLED = False
RETRY_ENABLED = False  # a failed look is looked at again by its timetable
HTTPERROR_ALLOW_ALL = True
REDIRECT_MAX_TIMES = 8

CONCURRENT_REQUESTS = 8
CONCURRENT_REQUESTS_PER_DOMAIN = 2
DOWNLOAD_DELAY = 1.0
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
MEMUSAGE_ENABLED = False
STATS_DUMP = False
LOGSTATS_INTERVAL = 0
LOG_LEVEL = "INFO"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}

PARLEY_DATABASE = ""  # where `scrapy crawl` stores; empty: items go to the feed export only
PARLEY_ALLOW_NETWORKS: list[str] = []  # networks beside the public ones, for `scrapy crawl`
PARLEY_PROXY = ""  # http://, https:// or socks5h:// of a proxy, for `scrapy crawl`
