from __future__ import annotations

from dataclasses import dataclass

from apps.core.messages import Message
from apps.core.values import fits


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCharacteristic:
    """A characteristic as this service knows it from its owner; ``values`` are the allowed ones, in order.

    One that lists no values is open: any value of its type is allowed.
    """

    id: str
    name: str
    value_type: str
    values: tuple[str, ...] = ()
    default: str | None = None

    def allows(self, value: str) -> bool:
        return value in self.values if self.values else fits(value, self.value_type)

    def refused(self, values: tuple[str, ...]) -> list[str]:
        """Those of ``values`` that are not allowed."""
        return [value for value in values if not self.allows(value)]

    def wrong(self, values: tuple[str, ...]) -> str:
        """What is wrong with ``values``, for a person; empty when nothing is."""
        if not (refused := self.refused(values)):
            return ""
        allowed = (
            Message("its values are {values}", values=", ".join(self.values))
            if self.values
            else Message("it takes any {type}", type=Message(self.value_type))
        )
        return Message(
            "{name} does not allow {refused}: {allowed}.",
            name=self.name,
            refused=", ".join(refused),
            allowed=allowed,
        )
