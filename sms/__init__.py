"""SPEAKS TO PHONES BY TEXT: decides when a message goes, and hands it to a carrier over SMPP 3.4.

Decides: what is sent when, how often, and to whom never (pure); how a text is written and cut.
Never: sends what may have been sent already, stores anything, logs a number or a text.
Start at `decide.py` (pure), then `alphabet.py`, `opt_out.py`, `pace.py`, and `smpp_link.py`.
"""
