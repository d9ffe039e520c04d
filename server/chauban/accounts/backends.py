from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from chauban.accounts.models import User


class PersonBackend(BaseBackend):
    """Signs a person in by user name and password. Rights come from posts, never from here."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        user = User.objects.select_related("person").filter(username=username or "").first()
        if user is None:
            # One hash all the same, so that the time taken does not tell who has an account.
            User().set_password(password)
            return None
        return user if user.check_password(password or "") else None

    def get_user(self, user_id: int) -> User | None:
        users = User.objects.select_related("person", "preferences")
        return next(iter(users.filter(pk=user_id, is_active=True)), None)
