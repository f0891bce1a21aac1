"""Downloader middlewares and the download handler: one duty a module."""
