"""CALLS like anyone else: real SIP phones of a program that is not Asterisk, and ears for them.

Decides: when a key is pressed, when a phone is picked up, and which prompt was heard.
Never: speaks to Asterisk other than by SIP and sound, nor to any other room.
Start at `phone.py` (a citizen, an agent), then `ears.py` (what was heard).
"""
