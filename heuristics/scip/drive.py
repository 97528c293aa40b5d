"""Run a SCIP model for a slice of time or work, interruptible and with events.

The model runs without the GIL, so that the watchdog of an `Interrupter` can stop it.
A slice by work is ended from inside, at the first LP after the work is done.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from boundwise.core.arguments import as_number
from boundwise.core.errors import SolverError
from boundwise.core.interrupt import Interrupter
from boundwise.heuristics.scip.effort import WorkMeter, work_of


class Driver:
    """Run one model in slices.

    Parameters
    ----------
    model
        A ``pyscipopt.Model`` in problem or presolved stage.
    interrupter
        Receives the function that stops the model while it runs.
    meter
        Charged with the work of every slice.
    """

    def __init__(self, model: Any, interrupter: Interrupter, meter: WorkMeter) -> None:
        from pyscipopt import SCIP_EVENTTYPE

        self.model = model
        self._interrupter = interrupter
        self._meter = meter
        self._charged = 0.0
        self._work_target = 0.0
        self._is_running = False
        self._error: BaseException | None = None
        if meter.is_limited:
            self.on(SCIP_EVENTTYPE.LPSOLVED, self._stop_at_target)
            self.on(SCIP_EVENTTYPE.NODESOLVED, self._stop_at_target)

    def on(self, event_type: int, action: Callable[[Any], object]) -> None:
        """Call ``action(model)`` at every event of a type while a slice runs.

        An exception in the action ends the slice and is raised from `run`.
        """

        def handle(model: Any, _event: Any) -> None:
            # Freeing a model deletes its nodes, one event after the other, and its
            # dual bound rises to the incumbent: that is no news.
            if not self._is_running:
                return
            # Also a KeyboardInterrupt: PySCIPOpt would print it and go on.
            try:
                action(model)
            except BaseException as error:
                self.fail(error)

        self.model.attachEventHandlerCallback(handle, [event_type])

    def run(
        self,
        seconds: float,
        work: float,
        until: Callable[[], bool] | None = None,
    ) -> str:
        """Run the model on and return its status.

        Parameters
        ----------
        seconds
            Wall-clock seconds of this slice.
        work
            Work units of this slice; ``inf`` for no limit.
        until
            Asked ten times a second; the slice ends when it returns true. It is not
            asked if the run is limited by work, which must not look at the clock.

        Raises
        ------
        InputError
            If ``seconds`` or ``work`` is negative or nan.
        SolverError
            If SCIP fails.
        Exception
            What an action or ``until`` raised.
        """
        for name, value in (("seconds", seconds), ("work", work)):
            as_number(name, value, at_least=0, finite=False)
        model = self.model
        model.setParam("limits/time", min(1e20, model.getSolvingTime() + seconds))
        self._work_target = self._charged + work
        try:
            with (
                self._interrupter.running(model.interruptSolve),
                self._asking(until),
            ):
                self._is_running = True
                model.optimizeNogil()
        except Exception as error:
            self._error = self._error or SolverError(f"SCIP failed: {error}")
        finally:
            self._is_running = False
            self._charge()
        raised, self._error = self._error, None
        if raised is not None:
            raise raised
        return str(model.getStatus())

    def fail(self, error: BaseException) -> None:
        """End the slice; the first error of a slice is raised from `run`."""
        self._error = self._error or error
        self.model.interruptSolve()

    @contextlib.contextmanager
    def _asking(self, until: Callable[[], bool] | None) -> Iterator[None]:
        if until is None or self._meter.is_limited:
            yield
            return
        done = threading.Event()

        def ask() -> None:
            try:
                while not done.wait(0.1):
                    if until():
                        self.model.interruptSolve()
            except Exception as error:
                self.fail(error)

        thread = threading.Thread(target=ask, name="boundwise-until", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _stop_at_target(self, model: Any) -> None:
        if work_of(model) >= self._work_target:
            model.interruptSolve()

    def _charge(self) -> None:
        work = work_of(self.model)
        self._meter.charge(max(0.0, work - self._charged))
        self._charged = max(self._charged, work)
