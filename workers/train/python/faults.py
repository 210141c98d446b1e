"""What ends a training with words for people: the last line of stderr, no stack trace."""


class Fault(Exception):
    """The message says what was wrong and what to do. Exit code 1."""

    code = 1


class Passing(Fault):
    """A fault of the moment: going on from the last checkpoint may well do. Exit code 75, EX_TEMPFAIL of sysexits.h."""

    code = 75
