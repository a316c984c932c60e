"""A repair of kombu's Redis channel, without which a worker ends when its broker stops in the middle of a task."""

from __future__ import annotations

from typing import Any


def outlive_lost_connections() -> None:
    """Have workers reconnect to a Redis that went away while they held messages.

    Celery 5.7 lets go of the connection first. When its channel is closed after that, and when a task that ran
    meanwhile is acknowledged, kombu 5.7 asks the connection that is not there for its address, and the worker ends
    with an AttributeError instead of the connection error that it would pass over. The messages come back by the
    visibility timeout, and whatever they ring for is rung for before.
    """
    from kombu.transport import redis
    from redis.exceptions import ConnectionError as ConnectionLost

    class OutlivingChannel(redis.Channel):
        def close(self) -> Any:
            self.do_restore = self._has_broker()
            return super().close()  # type: ignore[no-untyped-call]

        def _connparams(self, *args: Any, **kwargs: Any) -> Any:
            if not self._has_broker():
                raise ConnectionLost("The connection of this channel was lost.")
            return super()._connparams(*args, **kwargs)  # type: ignore[no-untyped-call]

        def _has_broker(self) -> bool:
            return getattr(self.connection, "client", None) is not None

    redis.Transport.Channel = OutlivingChannel
