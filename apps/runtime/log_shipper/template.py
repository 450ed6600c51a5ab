"""How Elasticsearch keeps the logs: the index template of their data stream, in the Elastic Common Schema."""

from __future__ import annotations

from typing import Any

NAME = "logs-catalog-default"
PATTERN = "logs-catalog-*"
# Elasticsearch's own template for logs-*-* has 100, Fleet's have 200.
PRIORITY = 500
MOST_FIELDS = 1000
_KEYWORD = {"type": "keyword", "ignore_above": 1024}
_KEYWORDS = (
    "log.level",
    "log.logger",
    "ecs.version",
    "service.name",
    "correlation_id",
    "trace.id",
    "span.id",
    "actor",
    "http.request.method",
    "url.path",
    "error.type",
)


def template(keep_days: int) -> dict[str, Any]:
    """A composable template; the logs are kept for ``keep_days``.

    What it does not name becomes a keyword; fields beyond the limit are kept, and cannot be searched.
    """
    return {
        "index_patterns": [PATTERN],
        "priority": PRIORITY,
        "data_stream": {},
        # Also where clusters make no index by themselves.
        "allow_auto_create": True,
        "template": {
            "lifecycle": {"data_retention": f"{keep_days}d"},
            "settings": {
                "index.number_of_shards": 1,
                "index.auto_expand_replicas": "0-1",
                "index.refresh_interval": "1s",
                "index.mapping.total_fields.limit": MOST_FIELDS,
                "index.mapping.total_fields.ignore_dynamic_beyond_limit": True,
                "index.mapping.ignore_malformed": True,
            },
            "mappings": {
                # A field "labels.a" and one "labels.a.b" do not exclude each other.
                "subobjects": False,
                "date_detection": False,
                "dynamic_templates": [
                    {
                        "words": {
                            "match_mapping_type": ["string", "long", "double", "boolean"],
                            "mapping": _KEYWORD,
                        }
                    }
                ],
                "properties": {
                    "@timestamp": {"type": "date", "ignore_malformed": False},
                    "message": {"type": "text"},
                    **dict.fromkeys(_KEYWORDS, _KEYWORD),
                    "error.message": {"type": "text"},
                    "error.stack_trace": {"type": "text"},
                    "process.pid": {"type": "long"},
                    "http.response.status_code": {"type": "long"},
                    "duration_ms": {"type": "float"},
                },
            },
        },
    }
