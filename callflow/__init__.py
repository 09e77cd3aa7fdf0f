"""THE STORY of a call: from the door to its end, one step at a time.

Decides: what a step does next, from the stage that stands on the call's own channel.
Never: speaks the switch's words, SQL or HTTP (those come in through `ports.py`), or keeps what a
crash could lose. Start at `steps.py`: enter → wait → offer → after. Agents' acts begin in
`agent_desk.py` and `talk.py`, calls that go out in `call_back.py`; `floor_keeper.py` owns the
floor, `mend.py` mends what a crash left.

The road of a campaign's call: `dialler.py` owns the decision (dialer/) and its clock →
`dial_book.py` writes it down → `dial_orders.py` asks the floor for the agent, or goes alone →
`dial_out.py`, the one road out → `dial_calls.py` hears what comes of it → `dial_protocol.py` gives
an answered call its number → `notice.py` speaks, where no agent does. `courses.py`: what is known
of an attempt in course; `dial_pages.py`: where contacts come from; `dial_people.py`: start, stop.
"""
