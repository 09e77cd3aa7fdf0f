"""IS SEEN: the HTTP API that people, their pages, and the command line use.

Decides: who may ask for what (each route states its roles), and what of it they may see.
Never: acts on a call or the floor by itself; it asks the `Centre` (ports.py), which the wiring
room plugs in, and knows no other room.
Start at `app.py` (what it is made of), `admits.py` (who may), `routes_*.py` (what there is).
"""
