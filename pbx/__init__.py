"""SPEAKS ASTERISK: the only room that knows its words.

Decides: nothing. It turns what Asterisk says (AGI, AMI, its event file) into signals, and our
orders into what Asterisk understands; it installs, configures, starts and stops it.
Start at `agi_server.py` (a call's steps) and `ami_link.py` (everything else).
"""
