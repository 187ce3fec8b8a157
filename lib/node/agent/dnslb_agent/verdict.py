"""Whether a periodic check fails, judged from its latest results."""

from typing import NamedTuple


class Result(NamedTuple):
    passed: bool
    # False if only the health checks of the peer say that its servers are up; see PoolWatch.proof.
    proved: bool = True
    # The pool has no live server here, but clients would gain nothing if the addresses moved.
    nothing_gained: bool = False
    # Without proof, the seconds for which the check must fail, if they are more than the patience of the check itself.
    patience: float = 0.0


PASSED = Result(True)
PASSED_NOTHING_GAINED = Result(True, nothing_gained=True)
FAILED = Result(False)
FAILED_UNPROVED = Result(False, proved=False)


class CheckState:
    """Whether a check fails, from its latest results: `fall` failures or `rise` successes in a row change it."""

    def __init__(self, failing: bool, fall: int, rise: int, patience: float) -> None:
        self.failing = failing
        self.rise = rise
        self._fall = fall
        self._patience = patience
        self._opposing = 0
        self._opposing_proved = 0
        self._opposing_since = 0.0
        self._nothing_gained = 0

    def update(self, result: Result, now: float) -> bool:
        """Adds a result. Returns True if the state changes."""
        if result.passed:
            self._nothing_gained = self._nothing_gained + 1 if result.nothing_gained else 0
        if result.passed != self.failing:
            self._opposing = self._opposing_proved = 0
            return False
        if self._opposing == 0:
            self._opposing_since = now
        self._opposing += 1
        # After an outage on both nodes, a peer may see the recovery one probe earlier: that proves nothing.
        self._opposing_proved += int(result.proved and (result.passed or self._nothing_gained < self._fall))
        needed = self.rise if self.failing else self._fall
        patience = max(self._patience, result.patience)
        patient = self._opposing >= needed and now - self._opposing_since >= patience
        if self._opposing_proved < needed and not patient:
            return False
        self.failing = not self.failing
        self._opposing = self._opposing_proved = 0
        return True
