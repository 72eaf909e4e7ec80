"""The known answers: which demo posts a person should look at."""

from collections.abc import Collection

from pipeline.demo.posts.loader import load


def expected() -> frozenset[str]:
    """Post ids whose authors seek, share, trade or boast of a way round AI safeguards."""
    return frozenset(
        post.post_id for board in load() for thread in board.threads for post in thread.posts if post.flagged
    )


def precision_recall(flagged: Collection[str]) -> tuple[float | None, float | None]:
    """Precision and recall of these post ids; None where nothing was flagged, or nothing was there to find."""
    wanted, found = expected(), set(flagged)
    hits = len(wanted & found)
    return hits / len(found) if found else None, hits / len(wanted) if wanted else None
