"""A synthetic catalog in scratch databases of the store: ``python -m tests.benchmarks.store_catalog <offerings>``.

The first thousand offerings go through the store's own projection, as events. Every further thousand is those entries
again, under ids and a place of their own, written in bulk to both stores (the MongoDB stand-in takes some hundred a
second).
Prints, as JSON, where they are and what to ask: the same number of answers whatever the catalog's size.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterable, Iterator
from itertools import batched, product
from typing import Any
from urllib.parse import urlencode

import django
import pymongo
from elasticsearch import Elasticsearch, helpers

from apps.core.ids import uuid7

Document = dict[str, Any]

THOUSAND, TOWNS, ASKED = 1_000, 50, 200
TECHNOLOGIES = ("Fibre", "Mobile", "Television", "Voice", "Hosting")
_ONSETS, _VOWELS = ("br", "d", "f", "gr", "k", "l", "m", "n", "pr", "s", "t", "v", "z"), "aeiou"
_SYLLABLES = [onset + vowel for onset, vowel in product(_ONSETS, _VOWELS)]


def town(number: int) -> str:
    """A place name that is its own stem, another one for each number up to 270,000."""
    count = len(_SYLLABLES)
    return "".join(_SYLLABLES[number * 7919 // count**power % count] for power in range(3)) + "ko"


def events() -> Iterator[Any]:
    """A thousand published offerings and everything they refer to."""
    from tests.services.store import factories as make

    draw = random.Random(1)
    categories = [make.CategoryState(name=name) for name in TECHNOLOGIES]
    catalogs = [make.CatalogState(name=name) for name in ("Residential", "Business")]
    numbers = [
        make.CharacteristicState(
            name=f"{name} Speed", value=str(10 * n), description="As measured at the socket."
        )
        for n, name in enumerate(("Download", "Upload", "Guaranteed", "Peak"), start=1)
    ]
    texts = [
        make.CharacteristicState(name=name, value_type="string", unit_of_measure="None", value="Included")
        for name in ("Router", "Support", "Installation", "Roaming")
    ]
    specifications = [
        make.SpecificationState(
            name=f"{technology} Access {n}",
            description=f"{technology} to every room, with what is needed to use it.",
            brand=("Acme", "Nova", "Orbit")[n % 3],
            characteristics=[
                *(make.uses(c, default=str(100 * draw.randint(1, 10))) for c in numbers),
                *(make.uses(c, default=draw.choice(("Included", "Premium", "None"))) for c in texts),
            ],
        )
        for technology in TECHNOLOGIES
        for n in range(12)
    ]
    prices = [
        make.PriceState(name=f"Fee {n}", value=f"{5 + n}.90", currency=("EUR", "EUR", "USD")[n % 3])
        for n in range(120)
    ]
    yield from (make.event("Category", state) for state in categories)
    yield from (make.event("Catalog", state) for state in catalogs)
    yield from (make.event("Characteristic", state) for state in (*numbers, *texts))
    yield from (make.event("Specification", state) for state in specifications)
    yield from (make.event("Price", state) for state in prices)
    for n in range(THOUSAND):
        kind = n % len(TECHNOLOGIES)
        state = make.OfferingState(
            name=f"{TECHNOLOGIES[kind]} {100 * draw.randint(1, 10)} {town(n % TOWNS).title()}",
            description=f"{TECHNOLOGIES[kind]} for homes and small offices in {town(n % TOWNS).title()}.",
            specification_ids=[specifications[12 * kind + n % 12]["id"]],
            pricing_ids=[price["id"] for price in draw.sample(prices, 2)],
            sales_channels=draw.sample(("web", "shop", "phone", "partner"), 2),
            category_ids=[categories[kind]["id"]],
            catalog_ids=[draw.choice(catalogs)["id"]],
            market_segments=[draw.choice(("Residential", "Business"))],
        )
        yield make.event("Offering", state)


def again(entry: Document, place: int, thousand: int) -> Document:
    """An entry of the first thousand under another id and another place, otherwise as the projection made it."""
    from catalog_services.store.projection.entries import etag_of

    old, id = town(place), str(uuid7())
    new = town(place + thousand * TOWNS)

    def moved(text: str) -> str:
        return text.replace(old, new).replace(old.title(), new.title())

    fields = {
        **entry["fields"],
        **{name: moved(entry["fields"][name]) for name in ("name", "name_stems", "stems", "words")},
    }
    body = moved(entry["body"].decode()).replace(entry["_id"], id).encode()
    tokens = sorted(moved(token) for token in entry["tokens"])
    return {**entry, "_id": id, "body": body, "etag": etag_of(body), "fields": fields, "tokens": tokens}


def fill(count: int) -> Document:
    """Fill the scratch stores that the environment names with ``count`` offerings."""
    from catalog_services.store.projection import consume
    from catalog_services.store.stores import elastic, generations, mongo

    for batch in batched(events(), 200):
        assert all(receipt.outcome == "ack" for receipt in consume(list(batch)))
    database, client = mongo.writing(), elastic.writing().options(request_timeout=120)
    generation = generations.ensure(database).live
    entries = mongo.collection(database, "entries", generation)
    kept = list(entries.find())
    places = [next(n for n in range(TOWNS) if town(n) in entry["tokens"]) for entry in kept]
    ids = [entry["_id"] for entry in kept]
    for thousand in range(1, count // THOUSAND):
        made = [again(entry, place, thousand) for entry, place in zip(kept, places, strict=True)]
        for some in batched(made, 100):
            entries.insert_many(some, ordered=False)
        _index(client, generation, made)
        ids += random.Random(thousand).sample([entry["_id"] for entry in made], 10)
    client.indices.refresh(index=elastic.index_name(generation))
    return {
        "index": elastic.index_name(generation),
        "collection": entries.name,
        "ids": random.Random(2).sample(ids, 500),
        "searches": list(_searches(count // THOUSAND * TOWNS)),
    }


def _index(client: Elasticsearch, generation: str, entries: Iterable[Document]) -> None:
    from catalog_services.store.projection import indexing
    from catalog_services.store.stores import elastic

    numbers = elastic.ensure_numbers(client, generation, ())
    actions = (
        {
            "_index": elastic.index_name(generation),
            "_id": entry["_id"],
            "version": entry["rev"],
            "version_type": "external",
            "_source": indexing.document(entry, numbers),
        }
        for entry in entries
    )
    helpers.bulk(client, actions, chunk_size=THOUSAND)


def _searches(towns: int) -> Iterator[tuple[str, Document]]:
    """``(query string, body of _search)`` of selective questions: what there is of a technology in a place."""
    from catalog_services.store.api.parameters import SearchParameters
    from catalog_services.store.search import elastic_query, vocabulary

    draw = random.Random(3)
    words = vocabulary.current(None)
    for _ in range(ASKED):
        asked = {
            "q": f"{draw.choice(TECHNOLOGIES)} {town(draw.randrange(towns))}",
            "currency": "EUR",
            "limit": "20",
        }
        criteria = SearchParameters.model_validate(asked).criteria(words)
        yield urlencode(asked), elastic_query.request(criteria)


def erase() -> None:
    """Remove the scratch stores that the environment names."""
    from catalog_services.store.stores import elastic, mongo

    client = elastic.writing()
    for index in client.indices.get(index=f"{elastic.alias()}-*"):
        client.indices.delete(index=index)
    with pymongo.timeout(600):  # the stand-in removes document by document
        mongo.writing().client.drop_database(mongo.writing().name)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "catalog_services.store.settings"
    django.setup()
    if sys.argv[1] == "erase":
        erase()
    else:
        json.dump(fill(int(sys.argv[1])), sys.stdout)
