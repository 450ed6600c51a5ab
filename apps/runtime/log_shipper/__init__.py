"""Sends what the processes write into their log files to Elasticsearch: one small process, which nobody waits for.

``files`` finds what is not sent yet, ``documents`` makes each line a document, ``data_stream`` sends them,
``positions`` keeps how far it is.
"""

from __future__ import annotations

NAME = "log-shipper"
"""Of its program, and of its own lines' ``service.name``."""
