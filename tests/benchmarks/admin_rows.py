"""Very many rows in a scratch database, made where they are kept."""

from __future__ import annotations

from dataclasses import dataclass, field

_HEAD = (
    "gen_random_uuid(), 'x' || n, 1 + n % 7, now() - n * interval '1 minute', now() - n * interval '1 second'"
)
_NAME = "'Fibre ' || n || ' ' || substr(md5(n::text), 1, 8)"
_TEXT = "'The line number ' || n || ' for homes and small offices, ' || md5((2 * n)::text)"


@dataclass(frozen=True, slots=True)
class Screen:
    """A list of the admin: what ``fill`` makes ``%(rows)s`` of (``n`` counts them), and what is asked of it."""

    service: str
    path: str
    fill: tuple[str, ...]
    filtered: str
    api: str
    choices: tuple[str, ...] = field(default=())

    @property
    def table(self) -> str:
        return self.path.replace("/", "_")


_REFERENCES = """
INSERT INTO references_reference (kind, aggregate_id, name, version, deleted, data)
SELECT '{kind}', gen_random_uuid(), {name}, 1, false, '{{}}' FROM generate_series(1, %(rows)s) n
"""

SCREENS = (
    Screen(
        "pricing",
        "pricing/price",
        (
            f"""
            INSERT INTO pricing_price (id, external_id, version, created_at, updated_at, name, value, currency, unit,
                                       price_type, recurring_period, recurring_period_length, tax_included)
            SELECT {_HEAD}, {_NAME}, 1 + n % 500, (ARRAY['EUR', 'USD', 'GBP', 'JPY'])[1 + n % 4], 'per month',
                   'recurring', 'month', 1, false
              FROM generate_series(1, %(rows)s) n
            """,
        ),
        filtered="currency=jpy&price_type=recurring",
        api="/api/v1/prices",
    ),
    Screen(
        "characteristic",
        "characteristic/characteristic",
        (
            f"""
            INSERT INTO characteristic_characteristic (id, external_id, version, created_at, updated_at, name,
                                                       description, value_type, unit_of_measure, values)
            SELECT {_HEAD}, {_NAME}, {_TEXT}, (ARRAY['number', 'string'])[1 + n % 2], 'None', '[]'
              FROM generate_series(1, %(rows)s) n
            """,
        ),
        filtered="value_type=number&unit_of_measure=None",
        api="/api/v1/characteristics",
    ),
    Screen(
        "specification",
        "specification/specification",
        (
            f"""
            INSERT INTO specification_specification (id, external_id, version, created_at, updated_at, name,
                                                     description, brand, product_number, characteristics)
            SELECT {_HEAD}, {_NAME}, {_TEXT}, 'Brand ' || n % 5000, 'P-' || n, '[]'
              FROM generate_series(1, %(rows)s) n
            """,
            _REFERENCES.format(kind="characteristic", name=_NAME),
        ),
        filtered="brand=Brand+123",
        api="/api/v1/specifications",
        choices=("characteristic",),
    ),
    Screen(
        "offering",
        "offering/offering",
        (
            f"""
            INSERT INTO offering_offering (id, external_id, version, created_at, updated_at, name, description,
                                           specification_ids, pricing_ids, category_ids, catalog_ids, sales_channels,
                                           market_segments, is_bundle, bundled_offerings, characteristic_values,
                                           lifecycle_status, status_reason)
            SELECT {_HEAD}, {_NAME}, {_TEXT}, '{{}}', '{{}}', '{{}}', '{{}}', '{{web}}', '{{}}', n % 50 = 0, '[]', '[]',
                   (ARRAY['DRAFT', 'PUBLISHED', 'RETIRED'])[1 + n % 3], ''
              FROM generate_series(1, %(rows)s) n
            """,
            *(_REFERENCES.format(kind=kind, name=_NAME) for kind in ("price", "specification")),
        ),
        filtered="lifecycle_status__exact=RETIRED&is_bundle__exact=1",
        api="/api/v1/offerings",
        choices=("offering", "price", "specification"),
    ),
    Screen(
        "offering",
        "offering/category",
        (
            f"""
            INSERT INTO offering_category (id, external_id, version, created_at, updated_at, name, description)
            SELECT {_HEAD}, {_NAME}, {_TEXT} FROM generate_series(1, %(rows)s) n
            """,
        ),
        filtered="parent__isnull=True",
        api="/api/v1/categories",
        choices=("category",),
    ),
    Screen(
        "offering",
        "offering/publication",
        (
            """
            INSERT INTO offering_publication (id, version, offering_id, offering_version, state, requested_by,
                                              requested_by_id, correlation_id, process_id, steps, steps_final,
                                              review_at, created_at, updated_at)
            SELECT gen_random_uuid(), 5, id, 1, (ARRAY['DONE', 'FAILED'])[1 + version % 2], 'anna',
                   gen_random_uuid(), md5(name), '', '[]', true, now(), created_at, updated_at
              FROM offering_offering LIMIT %(rows)s
            """,
        ),
        filtered="state__exact=FAILED",
        api="/api/v1/publications",
    ),
)
