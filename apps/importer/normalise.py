"""Records to a plan: who is who, then the body of every item. Pure: nothing is asked of the suite here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.importer.bodies import categories, offerings, prices, specifications
from apps.importer.bodies.context import Context, Pair
from apps.importer.model import BadItem, Failure, Item, Kind, Notes, Plan, Record
from apps.importer.read import Input
from apps.importer.rules import fields, identity
from apps.importer.rules.characteristics import Known
from apps.importer.rules.offerings import DEFAULT_CHANNELS
from apps.importer.rules.prices import embedded_name
from apps.importer.rules.references import Index


def normalise(
    found: Input, *, known: Mapping[str, Known] | None = None, channels: Sequence[str] = DEFAULT_CHANNELS
) -> Plan:
    """The plan for what was read.

    ``known`` are the characteristics that the suite has already, by ``identity.same`` of their name.
    """
    plan = Plan(failures=list(found.failures))
    pairs = _identify(found.records, plan)
    context = Context(pairs, known or {}, channels, Index(pairs))
    plan.items = [*specifications.build(context), *(item for item, _ in pairs)]
    categories.build(context)
    prices.build(context)
    offerings.build(context)
    prices.block_for_lost_files(context, plan.failures)
    return plan


def characteristic_names(found: Input) -> list[str]:
    """The names of all characteristics that the records speak of, so that the suite can be asked for them."""
    names: dict[str, str] = {}
    for record in found.records:
        for key in ("productSpecCharacteristic", "prodSpecCharValueUse"):
            for entry in _dicts(record.data.get(key)):
                name = entry.get("name")
                if isinstance(name, str) and name.strip():
                    clean = " ".join(name.split())
                    names.setdefault(identity.same(clean), clean)
    return list(names.values())


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [member for member in value if isinstance(member, dict)] if isinstance(value, list) else []


def _identify(records: Sequence[Record], plan: Plan) -> list[Pair]:
    """An item for every record that says who it is; a second record of the same identity is a failure."""
    pairs: dict[tuple[Kind, str], Pair] = {}
    for record in _with_embedded_prices(records):
        try:
            name = fields.required(record.data, "name")
            ruling = identity.external_id(record.kind, record.data)
        except BadItem as error:
            shown = record.data.get("name")
            plan.failures.append(Failure(record.source, str(error), shown if isinstance(shown, str) else ""))
            continue
        item = Item(record.kind, ruling.value, name, record.source, assumptions=Notes(record.assumptions))
        item.assumptions.take(ruling)
        first = pairs.get(item.identity)
        if first is None:
            pairs[item.identity] = (item, record.data)
            continue
        same = "the same content as" if first[1] == record.data else "the same identity as"
        message = f"Duplicate {item.kind}: it has {same} {first[0].source}, which is taken."
        plan.failures.append(Failure(record.source, message, name))
    return list(pairs.values())


def _with_embedded_prices(records: Sequence[Record]) -> Iterator[Record]:
    """The records, and each price that stands whole inside an offering as a record of its own."""
    for record in records:
        entries = _dicts(record.data.get("productOfferingPrice")) if record.kind is Kind.OFFERING else []
        if not any("price" in entry for entry in entries):
            yield record
            continue
        listed = []
        for entry in entries:
            price = _embedded(record, entry) if "price" in entry else None
            listed.append(price.data if price else entry)
            if price:
                yield price
        yield Record(record.kind, record.data | {"productOfferingPrice": listed}, record.source)


def _embedded(offering: Record, entry: dict[str, Any]) -> Record:
    """A price inside an offering as a record; what is wrong with its name shows when it is identified."""
    notes = Notes()
    try:
        entry = entry | {"name": notes.take(embedded_name(offering.data, entry))}
    except BadItem:
        return Record(Kind.PRICE, entry, offering.source)
    return Record(Kind.PRICE, entry, offering.source, tuple(notes))
