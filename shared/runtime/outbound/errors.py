"""How a request to the outside can fail: the other side's fault, or a rule of ours."""


class OutboundError(Exception):
    """A request that failed or was refused. `code` is a stable word, the text says what happened and where."""

    def __init__(self, code: str, message: str, *, url: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.url = url


class OutboundRefused(OutboundError):
    """The request was never sent, or its answer not read, because a rule of ours forbids it: trying again is no use."""
