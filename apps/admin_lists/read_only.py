"""Screens that are there to be looked at."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Put before a ``ModelAdmin`` whose rows others make, change and end."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
