"""The only way to a colleague's post for a person."""

from datetime import date

from django.db.models import QuerySet

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotFound
from chauban.directory.models import Post


def visible_posts(officer: Officer, day: date) -> QuerySet[Post]:
    """The posts of officer's own agency that are held on day."""
    posts = Post.objects.as_of(day).filter(agency=officer.agency_id)
    return posts.select_related("person", "unit", "agency").order_by("pk")


def access_post(officer: Officer, pk: int, day: date) -> Post:
    """One of the posts that officer may see. Raises: NotFound."""
    post = visible_posts(officer, day).filter(pk=pk).first()
    if post is None:
        raise NotFound(pk)
    return post
