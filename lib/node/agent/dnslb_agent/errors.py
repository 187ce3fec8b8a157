"""Failures that the command line prints in one line, without a traceback."""


class Failure(Exception):
    """The agent refused something, or something did not work; the message is for the operator."""


class NotReady(Failure):
    """A daemon that has just started does not accept commands yet; the agent tries again."""


class UnknownSchema(Failure):
    """The live release is of a version that this agent cannot read, most likely a newer one."""
