"""A real browser for the admin's tests: a Chromium on PATH, else Playwright's own, else Debian's package."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

# The same engine without a window's machinery: a page costs it three fifths of the time.
SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
INSTALL_SECONDS = 300


class NoBrowser(Exception):
    """There is none, and none could be had; says what was tried."""


def go_without(error: NoBrowser) -> NoReturn:
    """Skip and say so; where nobody looks (``CI``), what could not be tried has failed."""
    if os.environ.get("CI"):
        pytest.fail(f"The browser tests need a browser: {error}")
    pytest.skip(f"NO BROWSER, the admin was not tried as a person would: {error}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium. Raises ``NoBrowser``."""
    with sync_playwright() as playwright:
        path = found(playwright)
        # Root may not have Chromium's sandbox; nothing but our own pages is opened.
        flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


def found(playwright: Playwright) -> str:
    """The program. Raises ``NoBrowser``."""
    return _on_path() or _playwrights_own(playwright) or _debians()


def _on_path() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _playwrights_own(playwright: Playwright) -> str | None:
    path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _debians() -> str:
    """Debian's package, installed where one may install."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise NoBrowser("no Chromium on PATH, none of Playwright's, and Debian's may not be installed here")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", SHELL]):
        done = subprocess.run(
            [apt, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=INSTALL_SECONDS,
        )
        if done.returncode:
            raise NoBrowser(f"apt-get {arguments[0]} failed: {done.stderr[-500:]}")
    if path := _on_path():
        return path
    raise NoBrowser(f"apt-get installed a {SHELL} that is not on PATH")
