from __future__ import annotations

import factory

from catalog_services.identity.models import User

PASSWORD = "correct horse battery"


class UserFactory(factory.django.DjangoModelFactory):
    """A manager whose password is ``PASSWORD``."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.com")
    roles = factory.LazyFunction(lambda: ["manager"])

    @factory.lazy_attribute
    def password(self) -> str:
        return _hashed()


def _hashed() -> str:
    """One argon2 hash for all: it costs 100 MB and some 50 ms."""
    global _HASH
    if not _HASH:
        from django.contrib.auth.hashers import make_password

        _HASH = make_password(PASSWORD)
    return _HASH


_HASH = ""
