"""gunicorn's worker of threads, which leaves its port as soon as it stops.

The kernel deals new connections to everybody who listens on a shared port, also to a worker that accepts no more and
only finishes what it has: they would wait for its end, and then be reset.
"""

from __future__ import annotations

import os
from select import select

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    def set_accept_enabled(self, enabled: bool) -> None:
        """Once it stops, or its master is dead: what waits already is still taken on, and answered."""
        super().set_accept_enabled(enabled)
        if enabled or (self.alive and self.ppid == os.getppid()):
            return
        for listener in self.sockets:
            while select([listener], [], [], 0)[0]:
                self.accept(listener)
            listener.close()
