"""What may go wrong and is told in one line."""


class Failure(Exception):
    """Something was refused or did not work; the message is for the operator."""


class NotUp(Failure):
    """A daemon that was started cannot be told anything yet."""
