"""Signs what must not be altered afterwards, and tells whether such a signature holds (Ed25519).

The private half lies in the state folder's secrets, never in the database whose contents it
attests; the public half goes with every signature, and a person vouches for it.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SEED_BYTES: Final = 32


class SecretUnfit(Exception):
    """The secret is no key of ours; the text is Portuguese and does not hold it."""


class Signer:
    """One private key."""

    def __init__(self, secret: str) -> None:
        """`secret`: 32 random bytes in URL-safe base64. Raises SecretUnfit."""
        try:
            seed = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
        except (binascii.Error, ValueError):
            seed = b""
        if len(seed) != SEED_BYTES:
            raise SecretUnfit("o segredo de assinatura não é uma chave desta central")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = _text(self._private.public_key().public_bytes_raw())

    def sign(self, said: bytes) -> tuple[str, str]:
        """The public key, and its signature of these bytes."""
        return self.key, _text(self._private.sign(said))


def holds(key: str, signature: str, said: bytes) -> bool:
    """Whether this is the key's signature of these bytes."""
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signature, validate=True), said)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
