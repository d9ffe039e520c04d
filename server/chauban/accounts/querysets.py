"""Which posts a user may act in."""

from datetime import date

from django.db.models import QuerySet

from chauban.directory.models import Post


def posts_of(user_id: int, day: date) -> QuerySet[Post]:
    """The posts that a user's person holds on day, the oldest first."""
    return (
        Post.objects.as_of(day)
        .filter(person__user=user_id, agency__valid_from__lte=day)
        .exclude(agency__valid_to__lte=day)
        .select_related("agency", "unit", "person")
        .order_by("valid_from", "id")
    )
