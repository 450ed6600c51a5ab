"""The store's HTTP API (django-ninja): list, detail, search."""
