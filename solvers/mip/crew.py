"""Threads that take turns off a queue that is made as they go.

Loop of each worker: ask for the next turn; if there is one, take it; otherwise wait
until another worker has finished its own. The solvers release the GIL, so the turns
run at the same time. The main thread waits and stays open to signals; once the run has
ended, it stops the solvers still running. What a worker raises reaches the caller.
"""

import threading
from collections.abc import Callable

from boundwise.core.interrupt import Interrupter

#: Seconds between two looks of the main thread.
_LOOK = 0.05


class Crew:
    """Run turns in threads.

    Parameters
    ----------
    size
        Number of threads.
    interrupter
        Stops the running solvers at the end.
    """

    def __init__(self, size: int, interrupter: Interrupter) -> None:
        self._size = size
        self._interrupter = interrupter
        self._news = threading.Condition()
        self._error: BaseException | None = None

    def run(
        self,
        next_turn: Callable[[], str | None],
        take: Callable[[str], None],
        tick: Callable[[], None],
        has_ended: Callable[[], bool],
    ) -> None:
        """Work until the run has ended.

        Parameters
        ----------
        next_turn
            Returns the next turn, or None if there is none now.
        take
            Takes a turn.
        tick
            Called now and then by the calling thread.
        has_ended
            Whether the run is over.

        Raises
        ------
        BaseException
            What a turn raised.
        """

        def over() -> bool:
            return self._error is not None or has_ended()

        def work() -> None:
            try:
                while not over():
                    turn = next_turn()
                    if turn is not None:
                        take(turn)
                    with self._news:
                        if turn is None:
                            self._news.wait(_LOOK)
                        else:
                            self._news.notify_all()
            except BaseException as error:
                self._error = self._error or error

        workers = [
            threading.Thread(target=work, name=f"boundwise-{i}", daemon=True)
            for i in range(self._size)
        ]
        for worker in workers:
            worker.start()
        try:
            while any(worker.is_alive() for worker in workers):
                workers[0].join(_LOOK)
                for worker in workers[1:]:
                    worker.join(0.0)
                tick()
                if over():
                    # Repeatedly: a solver may just have been about to start.
                    self._interrupter.stop_running()
        except BaseException as error:
            # A second Ctrl-C: the workers must not outlive what they work on.
            self._error = self._error or error
            self._interrupter.request()
            for worker in workers:
                worker.join()
        if self._error is not None:
            raise self._error
