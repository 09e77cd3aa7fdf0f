"""The formats in which a recording is delivered (3.5.5): the switch's own WAV, OGG (Vorbis), MP3.

libsndfile does the work, through `soundfile`.
"""

from __future__ import annotations

import io
from typing import IO, Any, Final

import soundfile

BLOCK: Final = 65_536  # frames of one turn

MEDIA: Final = {"wav": "audio/wav", "ogg": "audio/ogg", "mp3": "audio/mpeg"}
"""The formats by name, and how a browser calls them."""

SUBTYPES: Final = {"ogg": "VORBIS", "mp3": "MPEG_LAYER_III"}


class SoundBroken(Exception):
    """What is recorded is no sound that can be delivered in another format."""


def rendered(wav: IO[bytes] | io.RawIOBase, form: str) -> bytes:
    """The sound of a WAV file as `ogg` or `mp3`, whole. Blocking; takes a core for a moment.

    Raises SoundBroken; KeyError for another format.
    """
    made, subtype = io.BytesIO(), SUBTYPES[form]
    # libsndfile takes a read that gives less than it asked for as the end
    whole: Any = io.BufferedReader(wav, BLOCK) if isinstance(wav, io.RawIOBase) else wav
    try:
        with soundfile.SoundFile(whole) as source:
            shape = {"samplerate": source.samplerate, "channels": source.channels}
            with soundfile.SoundFile(
                made, "w", format=form.upper(), subtype=subtype, **shape
            ) as target:
                for block in source.blocks(BLOCK, dtype="int16"):
                    target.write(block)
    except soundfile.LibsndfileError as wrong:
        raise SoundBroken(type(wrong).__name__) from None
    return made.getvalue()
