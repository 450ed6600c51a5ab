"""What can go wrong while the suite is started or stopped, as messages a person can act on."""

from __future__ import annotations


class RuntimeFault(Exception):
    """Base: its text is shown to the person as it is, and the command ends with exit code 1."""


class PortTaken(RuntimeFault):
    """A port that a part or a service needs is held by a process that is not ours."""


class DiskFull(RuntimeFault):
    """Too little free space for the data, the logs or the downloads."""


class JavaMissing(RuntimeFault):
    """No JDK >= 17 is installed, and none could be fetched."""


class DownloadFailed(RuntimeFault):
    """An engine could not be fetched."""


class ChecksumMismatch(RuntimeFault):
    """A fetched file is not the one that ``config/infra/engines.lock`` names."""


class StartFailed(RuntimeFault):
    """A process ended, or did not answer in time; the text ends with the last lines of its log."""


class NothingIsStartedHere(RuntimeFault):
    """A place from which the suite is not run: a container, where others start each process in one of its own, or where
    nothing can be kept."""
