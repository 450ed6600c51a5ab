"""Merging OpenAPI documents: pure, so that two services' ``Price`` or ``list`` cannot be mistaken for each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

type Document = dict[str, Any]
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_SHARED = "securitySchemes"


def merge(documents: Mapping[str, Document], *, missing: Sequence[str], title: str, server: str) -> Document:
    """One OpenAPI 3.1 document of many (service name -> document).

    Components become ``<service>.<name>`` and their references follow; operation ids likewise. Security
    schemes that mean the same stay one, so that a person signs in once. The first service that
    says a path keeps it.
    """
    info: Document = {"title": title, "version": "1.0.0"}
    if missing:
        info["x-missing"] = list(missing)
        info["description"] = f"Not answering, so not shown here: {', '.join(missing)}."
    whole: Document = {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": server}],
        "tags": [{"name": name} for name in documents],
        "paths": {},
        "components": {_SHARED: {}},
    }
    for name, document in documents.items():
        own = _renamed(document, name, _scheme_names(document, whole["components"][_SHARED], name))
        for path, item in own.get("paths", {}).items():
            whole["paths"].setdefault(path, _labelled(item, name, own.get("security")))
        for kind, components in own.get("components", {}).items():
            whole["components"].setdefault(kind, {})
            whole["components"][kind] = {**components, **whole["components"][kind]}
    whole["paths"] = dict(sorted(whole["paths"].items()))
    return whole


def _scheme_names(document: Document, known: Document, service: str) -> dict[str, str]:
    """What a document's security schemes are called in the whole: like the one that means the same, if any."""
    names = {}
    for name, scheme in document.get("components", {}).get(_SHARED, {}).items():
        alike = [other for other, known_scheme in known.items() if _meaning(known_scheme) == _meaning(scheme)]
        names[name] = alike[0] if alike else f"{service}.{name}" if name in known else name
    return names


def _meaning(scheme: Document) -> Document:
    return {key: value for key, value in scheme.items() if key not in {"bearerFormat", "description"}}


def _renamed(document: Document, service: str, schemes: Mapping[str, str]) -> Document:
    """The document with its components, and every reference to them, under the service's name."""

    def reference(target: str) -> str:
        head, _, name = target.rpartition("/")
        if not head.startswith("#/components/") or head.endswith(_SHARED):
            return target
        return f"{head}/{service}.{name}"

    def walk(node: Any, parent: str = "") -> Any:
        if isinstance(node, list):
            return [walk(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {key: follow(key, value, parent) for key, value in node.items()}

    def follow(key: str, value: Any, parent: str) -> Any:
        if isinstance(value, str) and (key == "$ref" or parent == "mapping"):
            return reference(value)
        if key == "security" and isinstance(value, list):
            return [{schemes.get(name, name): scopes for name, scopes in item.items()} for item in value]
        return walk(value, key)

    own: Document = walk(document)
    own["components"] = {
        kind: {
            (schemes[name] if kind == _SHARED else f"{service}.{name}"): body
            for name, body in components.items()
        }
        for kind, components in own.get("components", {}).items()
    }
    return own


def _labelled(item: Document, service: str, security: Any) -> Document:
    """A path's operations, tagged with their service, with ids that are unique in the suite."""
    labelled: Document = {}
    for method, operation in item.items():
        if method not in METHODS:
            labelled[method] = operation
            continue
        labelled[method] = {**operation, "tags": [service]}
        if "operationId" in operation:
            labelled[method]["operationId"] = f"{service}.{operation['operationId']}"
        if security is not None:
            labelled[method].setdefault("security", security)
    return labelled
