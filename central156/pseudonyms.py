"""What stands for somebody whose data is gone: always the same for the same number, and whoever
lacks the key cannot tell whose it is."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from protocol_store.citizens import Known, Subject, national
from terms.names import ERASED

HASH_CHARACTERS: Final = 16


class Pseudonyms:
    """See the file's top."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def of(self, subject: Subject) -> str:
        """`apagado-…`, of a phone, a document, or a protocol."""
        said = f"{subject.kind}:{subject.value}".encode()
        found = hmac.new(self._key, said, hashlib.sha256).hexdigest()[:HASH_CHARACTERS]
        return f"{ERASED}-{found}"

    def of_number(self, caller: str) -> str:
        """The same, of a caller's number as it is stored."""
        return self.of(Subject(Known.PHONE, national(caller)))
