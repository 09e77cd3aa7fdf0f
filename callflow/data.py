"""What a caller typed and a service answered, as the one text that the channel carries.

    idioma=en&protocolo=123456786&assunto=Buraco%20na%20rua

Percent-encoded, so that nothing in it means anything to the dialplan, and never longer than
DATA_BYTES. It is personal: it stands on the channel and in the store, in no log.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode

from terms.limits import DATA_BYTES, DATA_VALUES


def data_to_text(data: Mapping[str, str]) -> str:
    """The text for the channel. A value that would make it too long is left out: should the step
    break off, the menu finds that datum missing."""
    text = ""
    for name, value in data.items():
        pair = urlencode({name: value}, quote_via=quote, safe="")
        longer = f"{text}&{pair}" if text else pair
        if len(longer) <= DATA_BYTES:
            text = longer
    return text


def data_from_text(text: str) -> dict[str, str]:
    """Read it back; what cannot be read is passed over."""
    try:
        return dict(
            parse_qsl(text[:DATA_BYTES], keep_blank_values=True, max_num_fields=DATA_VALUES + 1)
        )
    except ValueError:
        return {}
