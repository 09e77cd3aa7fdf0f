"""A voice for tests, spoken to as voice/mouth.py is: slow, with a memory, and able to fail.

    fake_voice.py DELAY [MEMORY]    each text takes DELAY seconds; MEMORY is a file of what was said

What it says of words is recognised by `samples_of`. `morra` kills it, `cale` makes it silent,
`erro` it cannot say, `lixo` is answered with nonsense.
"""

from __future__ import annotations

import json
import sys
import time
from hashlib import sha256


def samples_of(language: str, words: str) -> bytes:
    """What is heard of these words, and of no others."""
    return sha256(f"{language}:{words}".encode()).digest() * 250


def main() -> None:
    delay = float(sys.argv[1])
    out = sys.stdout.buffer
    out.write(b'{"ready": "fake"}\n')
    out.flush()
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        if len(sys.argv) > 2:
            with open(sys.argv[2], "a", encoding="utf-8") as memory:
                memory.write(asked["words"] + "\n")
        if "morra" in asked["words"]:
            sys.exit(1)
        time.sleep(1000 if "cale" in asked["words"] else delay)
        if "erro" in asked["words"]:
            out.write(b'{"wrong": "Unpronounceable"}\n')
        elif "lixo" in asked["words"]:
            out.write(b'{"bytes": -5}\n')
        else:
            samples = samples_of(asked["language"], asked["words"])
            out.write(json.dumps({"bytes": len(samples)}).encode() + b"\n" + samples)
        out.flush()


if __name__ == "__main__":
    main()
