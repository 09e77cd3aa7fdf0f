"""SPEAKS ASTERISK: the only room that knows its words.

Decides: how Asterisk is installed, configured, started, stopped, and how each order is put to it;
what it says (AGI, AMI, its event file) becomes a signal, or a step's answer.
Never: what becomes of a call.
Start at `agi_server.py` (a call's steps) and `ami_link.py` (everything else).
"""
