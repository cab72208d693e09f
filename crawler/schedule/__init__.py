"""When to look at a target again, and why then: pure.

hours      the hours of the week by which offices publish
habit      what was learned of a column: its rate and its hours
plan       the best week of looks for a rate, at a price a look
timetable  all columns' plans at one price, which keeps to the budget
visits     the rest: notices ever less often, failures, what is gone; start reading here
"""

from crawler.schedule.habit import Habit, first_seen, observed, restored, stored
from crawler.schedule.hours import OFFICE_HOURS, Profile, day_hours, hours_at, moment_at
from crawler.schedule.timetable import Budget, Next, Timetable, learned_profile
from crawler.schedule.visits import Cadence, History, next_visit

__all__ = [
    "OFFICE_HOURS",
    "Budget",
    "Cadence",
    "Habit",
    "History",
    "Next",
    "Profile",
    "Timetable",
    "day_hours",
    "first_seen",
    "hours_at",
    "learned_profile",
    "moment_at",
    "next_visit",
    "observed",
    "restored",
    "stored",
]
