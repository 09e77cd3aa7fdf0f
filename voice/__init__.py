"""SPEAKS: texts to recorded prompts, and values that only a call knows to sound.

Decides: which recording says a text, how a value is read, and what is fit to be heard.
Never: lets a call wait for a voice; texts are recorded before (`order.py`), a value has 2 s.
Start at `library.py` for recordings, `live.py` for values; what records (`make.py`) needs
the extra packages of `pip install .[voice]`, and `studio.py` takes what people have recorded.
"""
