"""THE STORY of a call: from the door to its end, one step at a time.

Decides: what a step does next, from the stage that stands on the call's own channel.
Never: speaks the switch's words, SQL or HTTP; those come in through `ports.py`.
Keeps no state that a crash could lose: what a step needs is on the channel (`place.py`).
Start at `steps.py`, then follow a call: enter → wait → offer → after; `floor_keeper.py` owns
the floor, `mend.py` mends what a crash left.
"""
