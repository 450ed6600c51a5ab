"""What this service refers to in others, kept as local replicas."""

from apps.references.replicas import ReferenceKind, register

CHARACTERISTIC = register(ReferenceKind("characteristic", "characteristic", "/api/v1/characteristics"))
SPECIFICATION = register(ReferenceKind("specification", "specification", "/api/v1/specifications"))
PRICE = register(ReferenceKind("price", "pricing", "/api/v1/prices", momentary=frozenset({"locked"})))
