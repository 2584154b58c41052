"""Why there can be no stand-in device here."""


class Unavailable(RuntimeError):
    """The message is one sentence without a full stop."""
