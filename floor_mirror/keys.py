"""What stands in Redis, and the one script that writes it.

    central156:floor     hash    :token, epoch, sequence, at, node, floor (JSON: the rest)
    central156:queues    hash    :token, and a JSON text for each queue
    central156:agents    hash    :token, and a JSON text for each agent
    central156:changes   channel a JSON text for each change: epoch, sequence, at, and the names of
                                 the queues and agents that are others now

The token is `<epoch>:<sequence>` of the last write, in all three. A change is written only onto the
state that it was made from: if any token is another (Redis was flushed, threw a key away, came
back from an old copy), the script says `lost` and everything is written anew. What a newer epoch,
or a later sequence, has written is never written over: `newer`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from terms.names import Instant

FLOOR, QUEUES, AGENTS = KEYS = ("central156:floor", "central156:queues", "central156:agents")
CHANGES: Final = "central156:changes"
TOKEN: Final = ":token"

WRITTEN, LOST, NEWER = "written", "lost", "newer"

WRITE: Final = """
local epoch, sequence, before, keep = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]
local there = redis.call('HMGET', KEYS[1], 'epoch', 'sequence')
local known_epoch, known_sequence = tonumber(there[1] or 0), tonumber(there[2] or 0)
if known_epoch > epoch or (known_epoch == epoch and known_sequence >= sequence) then
    return 'newer'
end
if before ~= '' then
    for _, key in ipairs(KEYS) do
        if redis.call('HGET', key, ':token') ~= before then return 'lost' end
    end
else
    redis.call('DEL', unpack(KEYS))
end
local token = ARGV[1] .. ':' .. ARGV[2]
local said = cjson.decode(ARGV[5])
for place, key in ipairs(KEYS) do
    redis.call('HSET', key, ':token', token)
    for name, value in pairs(said[place].set) do redis.call('HSET', key, name, value) end
    for _, name in ipairs(said[place].gone) do redis.call('HDEL', key, name) end
    redis.call('EXPIRE', key, keep)
end
redis.call('PUBLISH', ARGV[6], ARGV[7])
return 'written'
"""
"""KEYS: the three hashes. ARGV: epoch, sequence, the token that must be there ('' = all anew),
seconds that it is kept, what to set and to remove for each key (JSON), channel, message."""


@dataclass(frozen=True, slots=True)
class Content:
    """The floor as it is to be shown: plain JSON values, nothing personal."""

    at: Instant
    node: str
    head: Mapping[str, Any]
    queues: Mapping[str, Mapping[str, Any]]
    agents: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What was read: the content, and whose it is."""

    epoch: int
    sequence: int
    content: Content
