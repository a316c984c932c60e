"""Publishing on a Redis channel: in the order of the rows, and each event once for as long as Redis remembers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from kairo.platform.live.contracts import ChannelAway

CONNECT_WITHIN_S = 1.0
ANSWER_WITHIN_S = 2.0
REMEMBERED_S = 7 * 24 * 3600

# Redis does one script at a time: of two that publish the same run at once, the second one finds what the first has
# published, and sends only what comes after it.
_PUBLISH = """
local last = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), tonumber(ARGV[2]))
local seq = tonumber(ARGV[2])
for place = 4, #ARGV do
    seq = seq + 1
    if seq > last then
        redis.call('PUBLISH', ARGV[1], ARGV[place])
        last = seq
    end
end
redis.call('SET', KEYS[1], last, 'EX', ARGV[3])
return last
"""


class RedisChannel:
    """Publishes through a Redis server."""

    def __init__(self, url: str) -> None:
        try:
            import redis
        except ImportError as error:
            raise ChannelAway(
                "REDIS_URL is set, but the redis library is not installed. Install it: pip install 'kairo[redis]'"
            ) from error
        self._failures = (redis.RedisError, OSError)
        self._redis = redis.Redis.from_url(url, socket_connect_timeout=CONNECT_WITHIN_S, socket_timeout=ANSWER_WITHIN_S)
        self._script = self._redis.register_script(_PUBLISH)

    def publish(self, channel: str, *, run_id: UUID, after_seq: int, messages: Sequence[str]) -> int:
        """Publish what follows `after_seq` and was not yet published, and return the last seq that was.

        Raises:
            ChannelAway: Redis cannot be reached, or refuses.
        """
        try:
            last = self._script(keys=[f"kairo:published:{run_id}"], args=[channel, after_seq, REMEMBERED_S, *messages])
        except self._failures as error:
            raise ChannelAway(f"Redis is away: {str(error)[:300]}") from error
        return int(last)


@lru_cache(maxsize=4)
def redis_channel(url: str) -> RedisChannel:
    """Return this process's channel at a Redis; its connections are kept.

    Raises:
        ChannelAway: the library is missing.
    """
    return RedisChannel(url)
