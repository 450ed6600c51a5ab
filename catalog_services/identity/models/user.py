from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.access.role_user import RoleUser
from apps.access.users import TokenUser
from apps.core.models import Aggregate
from apps.core.searching import search_index


class UserManager(models.Manager["User"]):
    def for_token(self, user: TokenUser) -> User | None:
        """The user a verified token speaks for, as they are now; None when they are gone."""
        return self.filter(pk=user.id).first()


class User(RoleUser, AbstractBaseUser, Aggregate):
    """A person. Permissions come from ``roles`` alone; ``username`` is kept in lower case. When the password was last
    changed is not known of a user who was there before that was kept."""

    username = models.CharField(max_length=150, unique=True)
    email = models.EmailField(blank=True, default="")
    roles = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    password_changed_at = models.DateTimeField(null=True, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ["username"]
        indexes = [search_index("username", "email", name="user_search")]
