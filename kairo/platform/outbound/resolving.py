"""Looking names up. The system's resolver has no time limit of its own, so it is waited for on a thread."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from typing import Protocol

from kairo.platform.outbound.addresses import IPAddress

MAX_LOOKUPS = 32


class Resolver(Protocol):
    """Where names lead to."""

    def resolve(self, host: str, *, within_s: float) -> Sequence[IPAddress]:
        """Return every address of a name, the preferred one first.

        Raises:
            TimeoutError: no answer in time.
            OSError: there is no such name, or nobody to ask.
        """
        ...


class SystemResolver:
    """The operating system's resolver, with a time limit."""

    def __init__(self) -> None:
        # A lookup that was given up goes on until the system gives up too: a hostile name server may hold this many.
        self._free = BoundedSemaphore(MAX_LOOKUPS)

    def resolve(self, host: str, *, within_s: float) -> Sequence[IPAddress]:
        if not self._free.acquire(timeout=within_s):
            raise TimeoutError(f"{MAX_LOOKUPS} other lookups are waiting.")
        answer: SimpleQueue[list[IPAddress] | OSError] = SimpleQueue()
        Thread(target=self._look_up, args=(host, answer), name="outbound-lookup", daemon=True).start()
        try:
            found = answer.get(timeout=within_s)
        except Empty as error:
            raise TimeoutError(f"No answer within {within_s:.1f} s.") from error
        if isinstance(found, OSError):
            raise found
        return found

    def _look_up(self, host: str, answer: SimpleQueue[list[IPAddress] | OSError]) -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answer.put(list(dict.fromkeys(ip_address(entry[4][0]) for entry in found)))
        except OSError as error:
            answer.put(error)
        except UnicodeError as error:
            answer.put(OSError(str(error)))
        finally:
            self._free.release()


SYSTEM_RESOLVER = SystemResolver()
