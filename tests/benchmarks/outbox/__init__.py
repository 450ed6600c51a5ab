"""What delivery costs on the producer's side: the wake-up, the relay, the way from commit to queue, poison.

Everything happens in a database and a Redis database of its own, through pricing's real actions and relay.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from config import env
from tests.benchmarks.child import measured
from tests.benchmarks.measure import Figure

SERVICE, DATABASE, REDIS = "pricing", "catalog_bench_outbox", 60


def figures() -> list[Figure]:
    """All of them, from a child with pricing's settings."""
    with psycopg.connect(env.database_url("identity"), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        try:
            return measured(
                "outbox",
                SERVICE,
                PRICING_DATABASE_URL=f"{env.part_url('postgres')}/{DATABASE}",
                REDIS_URL=env.part_url("redis").removesuffix("/0") + f"/{REDIS}",
                OUTBOX_QUEUE_LIMIT="1000000",
                OTEL_SDK_DISABLED="true",
            )
        finally:
            server.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE))
            )
