"""References between records: by id, by product number, by name, by file name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from apps.importer.model import BadItem, Item, Kind, Ref, Source
from apps.importer.rules import fields, identity
from apps.importer.rules.base import rule


class Index:
    """The items of one import, found by everything a reference may say."""

    def __init__(self, items: Iterable[tuple[Item, dict[str, Any]]]) -> None:
        self._by_key: dict[tuple[Kind, str], Item] = {}
        self._by_id: dict[tuple[Kind, str], Item] = {}
        self._by_number: dict[str, Item] = {}
        self._by_name: defaultdict[tuple[Kind, str], list[Item]] = defaultdict(list)
        for item, data in items:
            self._by_key[item.identity] = item
            if data.get("id"):
                self._by_id[item.identity] = item
            number = data.get("productNumber")
            if item.kind is Kind.SPECIFICATION and isinstance(number, str) and number.strip():
                self._by_number.setdefault(number.strip(), item)
            self._by_name[item.kind, identity.same(item.name)].append(item)

    def by_key(self, kind: Kind, key: str) -> Item | None:
        """The item with that external id, own or derived."""
        return self._by_key.get((kind, key))

    def by_id(self, kind: Kind, key: str) -> Item | None:
        """The item whose record itself says that it has that id."""
        return self._by_id.get((kind, key))

    def by_number(self, number: str) -> Item | None:
        return self._by_number.get(number)

    def by_name(self, kind: Kind, name: str) -> list[Item]:
        return self._by_name.get((kind, identity.same(name)), [])


@rule("reference")
def resolve(index: Index, kind: Kind, reference: dict[str, Any]) -> tuple[Ref, str]:
    """A reference means the record with its id; else, for a specification, the one with that product
    number; else the one with its name; else what the suite has under that id or name.
    """
    key, name = fields.text(reference, "id"), fields.text(reference, "name")
    if not key and not name:
        raise BadItem(f"A reference to a {kind} has neither id nor name.")
    own = index.by_id(kind, key) if key else None
    if own is not None:
        return to(own), ""
    numbered = index.by_number(key) if kind is Kind.SPECIFICATION else None
    if numbered is not None:
        return to(numbered), f"{key} is the product number of the specification {numbered.name!r}."
    named = index.by_name(kind, name) if name else []
    if len(named) > 1:
        raise BadItem(f"No {kind} has the id {key!r}, and {len(named)} have the name {name!r}.")
    if named:
        id_said = f"No {kind} has the id {key!r}; " if key else ""
        return to(named[0]), f"{id_said}the {kind} named {name!r} is meant."
    candidates = tuple(filter(None, (key, identity.by_name(name) if name else "")))
    text = f"The {kind} {name or key!r} is not in this import; it is looked for in the suite."
    return Ref(kind, candidates=candidates, name=name), text


def to(item: Item) -> Ref:
    """A reference to an item of this import."""
    return Ref(item.kind, key=item.external_id, name=item.name)


_PRICE_FILE = re.compile(r"(.+)_prices?(?:_.+)?")
_OFFERING_FILE = re.compile(r"(.+)_offerings?")
_CATALOG_FILE = re.compile(r"(.+)_catalogs?")


@rule("price-by-reference")
def price_by_reference(index: Index, reference: dict[str, Any]) -> tuple[Item | None, str]:
    """A price that names its offering belongs to the offering with that id, else to the one with that
    name. Where there is neither, the reference is passed over and the price's file name decides.
    """
    if not reference:
        return None, ""
    key, name = fields.text(reference, "id"), fields.text(reference, "name")
    own = index.by_id(Kind.OFFERING, key) if key else None
    if own is not None:
        return own, f"It names the offering {own.name!r}."
    named = index.by_name(Kind.OFFERING, name) if name else []
    if len(named) == 1:
        return named[0], f"No offering has the id {key!r}; the offering named {name!r} is meant."
    return None, f"It names the offering {name or key!r}, which this import does not have once."


@rule("price-by-file-name")
def price_by_file_name(source: Source, offerings: Sequence[Item]) -> tuple[Item | None, str]:
    """A price that nothing refers to belongs to the offering whose file has the same name but for the
    ending: `x_price.json` (or `x_price_setup.json`) to `x_offering.json`.
    """
    match = _PRICE_FILE.fullmatch(source.stem)
    if match is None:
        return None, ""
    wanted = (match.group(1), source.folder)
    found = [offering for offering in offerings if _offering_file(offering) == wanted]
    if len(found) != 1:
        return None, ""
    return found[0], f"The file {source.file} goes with {found[0].source.file}."


def _offering_file(offering: Item) -> tuple[str, str] | None:
    match = _OFFERING_FILE.fullmatch(offering.source.stem)
    return (match.group(1), offering.source.folder) if match else None


@rule("price-without-offering")
def price_alone() -> tuple[None, str]:
    """A price to which no rule gives an offering is imported by itself."""
    return None, "No offering of this import names it or has a file that goes with it."


@rule("catalog-by-category")
def catalogs_by_category(categories: Sequence[str], listed: dict[str, list[Item]]) -> tuple[list[Item], str]:
    """An offering of TMF620 v4 names no catalog: it is in every catalog that lists its category or one
    above it.
    """
    found = {item.external_id: item for category in categories for item in listed.get(category, [])}
    catalogs = list(found.values())
    names = ", ".join(catalog.name for catalog in catalogs)
    return catalogs, f"Its categories are listed by {names}." if catalogs else ""


@rule("catalog-by-file-prefix")
def catalog_by_file_prefix(offering: Item, catalogs: Sequence[Item]) -> tuple[list[Item], str]:
    """Where no catalog lists its category, an offering is in the catalog whose file's name begins like its
    own: `enterprise_mpls_gold_offering.json` is in `enterprise_catalog.json`. The longest beginning wins.
    """
    best: tuple[int, Item] | None = None
    for catalog in catalogs:
        match = _CATALOG_FILE.fullmatch(catalog.source.stem)
        if match is None or catalog.source.folder != offering.source.folder:
            continue
        prefix = f"{match.group(1)}_"
        if offering.source.stem.startswith(prefix) and (best is None or len(prefix) > best[0]):
            best = (len(prefix), catalog)
    if best is None:
        return [], ""
    return [best[1]], f"The file {offering.source.file} goes with {best[1].source.file}."
