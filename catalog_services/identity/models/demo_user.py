from __future__ import annotations

from django.db import models


class DemoUser(models.Model):
    """A user of the demo that was made, or found, once: never made again, whatever became of it.

    ``user_id`` is its row's, none when it was gone already; ``password_hash`` is of the password that the environment
    had for it last.
    """

    role = models.CharField(primary_key=True, max_length=20)
    user_id = models.UUIDField(null=True)
    password_hash = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.role
