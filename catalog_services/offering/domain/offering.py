"""The rules of an offering and of a bundle (TMF620 ProductOffering)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from apps.core.errors import FieldErrors, ValidationFailed, collect
from apps.core.messages import Message
from apps.core.repeats import given_twice
from apps.core.values import pinnable
from catalog_services.offering.domain.validity import check_validity

ID_LISTS = ("specification_ids", "pricing_ids", "category_ids", "catalog_ids")
TEXT_LISTS = ("sales_channels", "market_segments")
MAX_REFERENCES = 200


@dataclass(frozen=True, slots=True)
class BundledOffering:
    """A member of a bundle: how many of it a customer may take (``min`` to ``max``), ``default`` when not said."""

    id: str
    min: int = 1
    max: int = 1
    default: int = 1


@dataclass(frozen=True, slots=True)
class PinnedValue:
    """The value a characteristic of a specification has in this offering."""

    characteristic_id: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """An offering as a person describes it; a draft needs only a name."""

    name: str
    description: str = ""
    external_id: str | None = None
    specification_ids: tuple[UUID, ...] = ()
    pricing_ids: tuple[UUID, ...] = ()
    category_ids: tuple[UUID, ...] = ()
    catalog_ids: tuple[UUID, ...] = ()
    sales_channels: tuple[str, ...] = ()
    market_segments: tuple[str, ...] = ()
    is_bundle: bool = False
    bundled_offerings: tuple[BundledOffering, ...] = ()
    characteristic_values: tuple[PinnedValue, ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    @property
    def member_ids(self) -> tuple[UUID, ...]:
        return tuple(UUID(member.id) for member in self.bundled_offerings)

    def changed(self, fields: Mapping[str, Any]) -> Self:
        """With ``fields`` (REST names and shapes) taken over."""
        given = dict(fields)
        for name in (*ID_LISTS, *TEXT_LISTS):
            if name in given:
                given[name] = tuple(given[name])
        if "bundled_offerings" in given:
            given["bundled_offerings"] = tuple(
                BundledOffering(**{**member, "id": str(member["id"])})
                for member in given["bundled_offerings"]
            )
        if "characteristic_values" in given:
            given["characteristic_values"] = tuple(
                PinnedValue(str(pin["characteristic_id"]), pin["value"])
                for pin in given["characteristic_values"]
            )
        return replace(self, **given)

    def checked(self) -> Self:
        """Normalised and valid as a draft. Raises ``ValidationFailed`` with every broken rule at its field."""
        tidy = replace(
            self,
            name=self.name.strip(),
            sales_channels=tuple(channel.strip() for channel in self.sales_channels),
            market_segments=tuple(segment.strip() for segment in self.market_segments),
        )
        collect(
            {} if tidy.name else {"name": [Message("May not be empty.")]},
            tidy._check_lists(),
            tidy._check_bundle(),
            check_validity(tidy.valid_from, tidy.valid_to),
        )
        return tidy

    def missing_to_publish(self) -> dict[str, list[str]]:
        """What a publication still needs, by field; empty when the offering is complete."""
        missing: dict[str, list[str]] = {}
        if self.is_bundle and not self.bundled_offerings:
            missing["bundled_offerings"] = [Message("A bundle needs at least one member.")]
        if not self.is_bundle and not self.specification_ids:
            missing["specification_ids"] = [Message("At least one specification is needed.")]
        if not self.pricing_ids:
            missing["pricing_ids"] = [Message("At least one price is needed.")]
        if not self.sales_channels:
            missing["sales_channels"] = [Message("At least one sales channel is needed.")]
        return missing

    def _check_lists(self) -> FieldErrors:
        errors: dict[str, Sequence[str]] = {}
        for name in (*ID_LISTS, *TEXT_LISTS):
            items = getattr(self, name)
            if len(items) > MAX_REFERENCES:
                errors[name] = [Message("At most {most}.", most=MAX_REFERENCES)]
            elif repeated := sorted(map(str, given_twice(items))):
                errors[name] = [Message("Given more than once: {repeated}.", repeated=", ".join(repeated))]
            elif "" in items:
                errors[name] = [Message("May not hold an empty text.")]
        pinned = [pin.characteristic_id for pin in self.characteristic_values]
        if len(set(pinned)) != len(pinned):
            errors["characteristic_values"] = [Message("A characteristic is given more than once.")]
        return errors

    def _check_bundle(self) -> FieldErrors:
        if self.bundled_offerings and not self.is_bundle:
            return {"bundled_offerings": [Message("Only a bundle has members.")]}
        problems: list[str] = []
        ids = [member.id for member in self.bundled_offerings]
        if len(set(ids)) != len(ids):
            problems.append(Message("A member is given more than once."))
        if len(ids) > MAX_REFERENCES:
            problems.append(Message("At most {most} members.", most=MAX_REFERENCES))
        if any(not 0 <= m.min <= m.default <= m.max or m.max < 1 for m in self.bundled_offerings):
            problems.append(Message("Each member needs 0 <= min <= default <= max and max >= 1."))
        return {"bundled_offerings": problems} if problems else {}


def check_pins(pins: Iterable[PinnedValue], specifications: Iterable[Mapping[str, Any]]) -> None:
    """Every pinned value is one its specification allows.

    ``specifications`` are states as in their events. Raises ``ValidationFailed`` on ``characteristic_values``.
    """
    allowed = pinnable(use for known in specifications for use in known.get("characteristics", ()))
    problems = []
    for pin in pins:
        values = allowed.get(pin.characteristic_id)
        if values is None:
            problems.append(
                Message(
                    "No specification of this offering has the characteristic {id}.", id=pin.characteristic_id
                )
            )
        elif values and pin.value not in values:
            problems.append(
                Message(
                    "{value} is not one of {allowed}.",
                    value=repr(pin.value),
                    allowed=", ".join(sorted(values)),
                )
            )
    if problems:
        raise ValidationFailed(Message.joined(problems), errors={"characteristic_values": problems})


def check_no_cycle(root: str, members: Mapping[str, Iterable[str]]) -> None:
    """Raises ``ValidationFailed`` on ``bundled_offerings`` when ``root`` is, at any depth, a member of itself.

    ``members`` maps every bundle reachable from ``root`` to the ids of its members.
    """
    seen: set[str] = set()
    waiting = list(members.get(root, ()))
    while waiting:
        current = waiting.pop()
        if current == root:
            message = Message(
                "A bundle cannot be a member of itself, neither directly nor through its members."
            )
            raise ValidationFailed(message, errors={"bundled_offerings": [message]})
        if current not in seen:
            seen.add(current)
            waiting.extend(members.get(current, ()))
