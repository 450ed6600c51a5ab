"""Specification: a write service; nothing differs from the base."""

from config.settings.service import write_service

globals().update(write_service("specification"))
