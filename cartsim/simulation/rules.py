"""The tie rule: the one written place from which every engine reads what happens at one instant.

Durations are often whole days, so many events share a minute. At one minute an engine alternates
two phases until nothing more happens:

1. **Everything that ends or arrives takes effect**, whatever the order: steps end, orders arrive,
   capacities change, patients' clocks run out. Because all of it takes effect before phase 2, the
   order among these does not matter; where a step ends at the very minute at which its patient
   leaves, the step is completed (its cost is spent, its result is a fact) and the patient has left.
2. **Then starts are granted.** Each resource, in the order of ``Plan.resources``, gives its free
   places to those who wait, in the order of :func:`queue_key`. A step without resource starts now.
   A step of zero length ends at once and opens another round of phase 1 at the same minute.

A place that a capacity decrease takes away is removed when the step on it ends.
ADR 0001 tells why this rule exists.
"""

from __future__ import annotations


def queue_key(priority: int, ready: int, patient: int) -> tuple[int, int, int]:
    """Who goes first: the lower priority number, then the earlier ready, then the earlier patient."""
    return priority, ready, patient
