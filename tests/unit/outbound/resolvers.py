"""Resolvers for tests: scripted answers, and one that fails the test when it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

from kairo.platform.outbound.addresses import IPAddress


class NobodyMayAsk:
    """For tests in which no lookup may happen."""

    def resolve(self, host: str, *, within_s: float) -> Sequence[IPAddress]:
        raise AssertionError(f"Somebody asked for {host}.")


class Answers:
    """Gives each name its answers, one list a lookup, the last one for ever."""

    def __init__(self, **names: Sequence[Sequence[str]]) -> None:
        self._names = {name.replace("__", "."): list(answers) for name, answers in names.items()}
        self.asked: list[str] = []

    def resolve(self, host: str, *, within_s: float) -> Sequence[IPAddress]:
        self.asked.append(host)
        if host not in self._names:
            raise OSError("Name or service not known")
        answers = self._names[host]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return [ip_address(text) for text in answer]
