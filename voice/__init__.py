"""SPEAKS: texts to recorded prompts.

Decides: which recording says a text, and whether it is fit to be heard.
Never: synthesises while a call waits; new texts are recorded beforehand (`make sounds`).
Start at `library.py` (all that runs with the centre); `make.py`, with `speak.py` and `phonemes.py`,
records, and needs the extra packages of `pip install .[voice]`.
"""
