"""SPEAKS: texts to recorded prompts, and values that only a call knows to sound.

Decides: which recording says a text, how a value is read, and whether a recording is fit to be
heard.
Never: lets a call wait for a voice; new texts are recorded beforehand (`make sounds`, `order.py`),
and what is known only during a call has 2 s and a fallback (`live.py`).
Start at `library.py`. `make.py`, with `speak.py` and `phonemes.py`, records, and needs the extra
packages of `pip install .[voice]`; `studio.py` takes what people have recorded.
"""
