"""When an article that does not answer is said to be gone, and when it is back."""

from storage import steps
from storage.look import Look
from storage.models import Article as ArticleRow
from storage.types import ArticleState, ChangeKind


def went_missing(look: Look, article: ArticleRow) -> list[int]:
    """Count a look at which the article was not there; when they are enough, say that it is gone.

    Returns:
        The ids of the changes that are now sure: a GONE, or none.
    """
    page, rules = look.page, look.rules
    since = page.missing_since or look.at
    if page.missing_looks < rules.absence_looks or look.at - since < rules.absence_over:
        article.state = ArticleState.MISSING.value
        return []
    article.state = ArticleState.GONE.value
    remark = (
        f"{look.observation.reason} at {page.missing_looks} looks since {since:%Y-%m-%d %H:%M} UTC"
    )
    look.note("gone", remark, article)
    return [
        steps.add_presence(
            look,
            article,
            ChangeKind.GONE,
            seen_at=since,
            remark=remark,
        )
    ]


def came_back(look: Look, article: ArticleRow) -> list[int]:
    """Take an article as there again; tell it where it had been told gone."""
    if article.state == ArticleState.LIVE.value:
        return []
    was_gone = article.state == ArticleState.GONE.value
    article.state = ArticleState.LIVE.value
    if not was_gone:
        look.note("there again", "before its absence was sure", article)
        return []
    look.note("back", "answers again", article)
    return [steps.add_presence(look, article, ChangeKind.BACK, remark="answers again")]
