"""An officer: a signed-in person acting in one of his posts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chauban.accounts.models import User
from chauban.directory.models import Agency, Person, Post


@dataclass(frozen=True)
class Officer:
    user: User
    post: Post
    # Ids that stand with each act: of the application through which he acts.
    through: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def user_id(self) -> int:
        return self.user.pk

    @property
    def post_id(self) -> int:
        return self.post.pk

    @property
    def agency_id(self) -> int:
        return self.post.agency_id

    @property
    def agency(self) -> Agency:
        return self.post.agency

    @property
    def person(self) -> Person:
        return self.user.person
