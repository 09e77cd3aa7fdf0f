"""THE STORY of a call: from the door to its end, one step at a time.

Decides: what a step does next, from the stage that stands on the call's own channel.
Never: speaks the switch's words, SQL or HTTP (those come in through `ports.py`), or keeps what a
crash could lose. Start at `steps.py`: enter → wait → offer → after. Agents' acts begin in
`agent_desk.py` and `talk.py`, calls that go out in `call_back.py`, campaigns' calls in `dialler.py`
(its top tells their road); `floor_keeper.py` owns the floor, `mend.py` mends what a crash left.
"""
