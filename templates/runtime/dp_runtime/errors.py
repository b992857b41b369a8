from collections.abc import Sequence


class StepError(Exception):
    """Why a step failed, for the person who reads its log: what, why, what to do."""

    def __init__(
        self,
        message: str,
        *,
        why: str | None = None,
        next_step: str | None = None,
        trace: Sequence[str] = (),
        exit_code: int = 1,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.why = why
        self.next_step = next_step
        self.trace = tuple(trace)
        self.exit_code = exit_code
