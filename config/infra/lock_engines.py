"""Writes ``engines.lock``: every file of the Java engines, with version, size and sha256.

Needs ``mvn`` (only here; at run time no Maven is needed): ``.venv/bin/python config/infra/lock_engines.py``.
Maven resolves, because Spring's bills of material are beyond simpler resolvers.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).parent

SPRING_BOOT = "3.5.16"
CAMUNDA = "7.24.0"
OPERATON = "1.0.3"
DATABASE = (
    f"org.springframework.boot:spring-boot-starter-jdbc:{SPRING_BOOT}",
    "org.postgresql:postgresql:42.7.7",
)
ENGINES: dict[str, tuple[str, ...]] = {
    "camunda": (
        f"org.camunda.bpm.springboot:camunda-bpm-spring-boot-starter-rest:{CAMUNDA}",
        f"org.camunda.bpm.springboot:camunda-bpm-spring-boot-starter-webapp:{CAMUNDA}",
        *DATABASE,
    ),
    "operaton": (
        f"org.operaton.bpm.springboot:operaton-bpm-spring-boot-starter-rest:{OPERATON}",
        f"org.operaton.bpm.springboot:operaton-bpm-spring-boot-starter-webapp:{OPERATON}",
        *DATABASE,
    ),
    "elasticsearch": ("org.elasticsearch.distribution.integ-test-zip:elasticsearch:8.19.21:zip",),
    "zipkin": ("io.zipkin:zipkin-server:3.6.1:jar:exec",),
}
# Engines that are one self-contained file; everything else is resolved with what it depends on.
ALONE = {"elasticsearch", "zipkin"}


def dependency(coordinates: str, *, alone: bool) -> str:
    """``group:artifact:version[:packaging[:classifier]]`` as a Maven ``<dependency>``."""
    group, artifact, version, *rest = coordinates.split(":")
    parts = {"groupId": group, "artifactId": artifact, "version": version}
    parts |= dict(zip(("type", "classifier"), rest, strict=False))
    body = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in parts.items())
    if alone:
        body += (
            "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
        )
    return f"<dependency>{body}</dependency>"


def resolve(engine: str, wanted: tuple[str, ...]) -> list[tuple[str, Path]]:
    """(coordinates, file in the local Maven repository) of everything an engine needs."""
    pom = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
      <groupId>suite</groupId><artifactId>{engine}</artifactId><version>1</version>
      <dependencyManagement><dependencies><dependency><groupId>org.springframework.boot</groupId>
        <artifactId>spring-boot-dependencies</artifactId><version>{SPRING_BOOT}</version>
        <type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement>
      <dependencies>{"".join(dependency(c, alone=engine in ALONE) for c in wanted)}</dependencies></project>"""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pom.xml").write_text(pom)
        listing = Path(folder, "list.txt")
        goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:list"
        options = [f"-DoutputFile={listing}", "-DoutputAbsoluteArtifactFilename=true", "-Dstyle.color=never"]
        subprocess.run(["mvn", "-q", "-B", "-f", folder, goal, *options], check=True)
        rows = [
            line.strip().split(" -- ")[0]
            for line in listing.read_text().splitlines()
            if ":" in line and "/" in line
        ]
    found = []
    for row in rows:
        # group:artifact:packaging[:classifier]:version:scope:/path
        coordinates, path = row.split(":/", 1)
        group, artifact, packaging, *rest = coordinates.split(":")
        classifier, version = (rest[0], rest[1]) if len(rest) == 3 else ("", rest[0])
        found.append((":".join((group, artifact, version, packaging, classifier)), Path("/" + path)))
    return sorted(found)


def main() -> None:
    lines = [
        "# Every file of the Java engines: engine group:artifact:version:packaging:classifier bytes sha256",
        "# Written by config/infra/lock_engines.py; do not edit.",
    ]
    for engine, wanted in ENGINES.items():
        for coordinates, path in resolve(engine, wanted):
            content = path.read_bytes()
            lines.append(f"{engine} {coordinates} {len(content)} {hashlib.sha256(content).hexdigest()}")
    (HERE / "engines.lock").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
