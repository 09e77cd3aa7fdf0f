"""A call centre in simulated time: callers, agents, and whoever brings them together.

The same callers (common random numbers) are given to the production floor, to an emulated
app_queue, to one pool of agents who can do everything. Tests and benches share it.
"""
