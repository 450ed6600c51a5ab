"""The one door: a raw ASGI proxy (``edge``) beside a small Django project (``pages``)."""
