"""Adapter: the shared scorer calls the very function the daemon calls.

`cd $PARLEY_SHARED/tools/topic && PYTHONPATH=<repository> python score.py tests.benchmarks.topic:judge`
"""

from crawler.reading import TopicDefinition, judge_text

TALKS = TopicDefinition(name="talks")


def judge(title: str, text: str, language: str | None) -> float:
    """Give the score of a title and a text; 0.5 is the threshold."""
    return judge_text(TALKS, title=title, text=text, language=language or "").score
