"""``{% load correlation %}{% correlation_id %}``: the id of this request, also where a page has no context."""

from __future__ import annotations

from django import template

from apps.core import correlation

register = template.Library()
register.simple_tag(correlation.current, name="correlation_id")
