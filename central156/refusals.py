"""What the store or the disk will not do, as refusals of what a person asked for."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import TypeVar

from console.ports import Refusal
from protocol_store import NameTaken, NameUnknown, StoreError
from protocol_store.errors import VersionDecided, VersionUnknown

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


async def asked(question: Awaitable[Answer]) -> Answer:
    """The store's answer. Refusal: 404, 409 for what cannot be, 503 for what may succeed later."""
    try:
        return await question
    except (NameUnknown, VersionUnknown) as unknown:
        raise Refusal(404, str(unknown)) from None
    except (NameTaken, VersionDecided) as wrong:
        raise Refusal(409, str(wrong)) from None
    except StoreError as trouble:
        log.warning("the store did not answer", extra={"why": type(trouble).__name__})
        raise Refusal(503, f"tente de novo: {trouble}") from None


def no_disk(trouble: OSError) -> Refusal:
    """The state folder took nothing."""
    why = trouble.strerror or type(trouble).__name__
    log.error("a version cannot be written: %s", why)
    return Refusal(503, f"nada foi publicado: a pasta de estado não pode ser escrita ({why})")
