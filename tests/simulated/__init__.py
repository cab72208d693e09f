"""Simulated schedules: the real processes, one step at a time, in an order that Hypothesis invents and shrinks.

    stage.py      processes in one process: who runs, until which step, and who is killed there
    doors.py      what a process steps through: ledger, snapshots, bell, the way out, leadership
    receivers.py  played subscribers
    world.py      a ledger, played time and the processes; `settle` lets everything come to rest
    machine.py    what may befall a world, as rules
    budget.py     how many schedules are played, and how long ones

Start reading at `machine.Schedule`. Many more schedules: see docs/guarantees.md.
"""
