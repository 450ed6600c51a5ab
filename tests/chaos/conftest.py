"""The people of the end-to-end tests, here too."""

from tests.e2e.conftest import draft, manager, unique, visitor

__all__ = ["draft", "manager", "unique", "visitor"]
