"""WAITS and ROUTES: who stands in which queue, which agent is free, who is offered to whom and why.

Decides: the next offer, its end, and what an agent's state is. Every choice carries its reason.
Never: reads a clock, speaks to the switch, stores anything; time comes in, orders and facts go out.
Start at `floor.py` (events in, effects and facts out); what each event does is in `callers.py`,
`people.py` and `talks.py`, on the moves of `moves.py`. Then `matching.py` and `router.py` (the
choice), `queues.py` (the order of callers), `agents.py` and `offers.py` (the state tables).
"""
