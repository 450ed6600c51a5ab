"""What this service refers to in others, kept as local replicas."""

from apps.references.replicas import ReferenceKind

CHARACTERISTIC = ReferenceKind("characteristic", "characteristic", "/api/v1/characteristics")
SPECIFICATION = ReferenceKind("specification", "specification", "/api/v1/specifications")
PRICE = ReferenceKind("price", "pricing", "/api/v1/prices")
