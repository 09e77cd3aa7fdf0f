"""A signature holds for what was signed, by the key that signed it, and for nothing else."""

from __future__ import annotations

import secrets

import pytest

from vault.signing import SecretUnfit, Signer, holds

SAID = b"where the chain stands"


def test_a_signature_holds_for_its_words_and_key_alone() -> None:
    signer, other = Signer(secrets.token_urlsafe(32)), Signer(secrets.token_urlsafe(32))
    key, signature = signer.sign(SAID)
    assert key == signer.key
    assert holds(key, signature, SAID)
    assert not holds(key, signature, SAID + b".")
    assert not holds(other.key, signature, SAID)
    assert not holds(key, other.sign(SAID)[1], SAID)


@pytest.mark.parametrize(("key", "signature"), [("", ""), ("não", "é"), ("AAAA", "AAAA")])
def test_what_is_no_signature_does_not_hold(key: str, signature: str) -> None:
    assert not holds(key, signature, SAID)


def test_the_same_secret_is_the_same_key() -> None:
    assert Signer("A" * 43).key == "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik="


@pytest.mark.parametrize("secret", ["", "curto", "A" * 60, "não é base64"])
def test_a_secret_that_is_no_key_is_refused_without_telling_it(secret: str) -> None:
    with pytest.raises(SecretUnfit) as refused:
        Signer(secret)
    assert not secret or secret not in str(refused.value)
