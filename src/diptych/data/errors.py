"""Errors a user can meet, each with the value, the rule and the remedy in its message.

DiptychError
├── InputError (ValueError)        an argument, option or configuration is wrong
│   └── AddressError               a model address nothing answers to
├── SourceError (ValueError)       a dataset cannot be read or written
├── PictureError (ValueError)      one picture is missing, broken, too large or of a refused kind
└── RunError (RuntimeError)        a run folder cannot be started, resumed or finished
"""


class DiptychError(Exception):
    """Base of all errors that diptych raises on purpose."""


class InputError(DiptychError, ValueError):
    """An argument, option or configuration is wrong."""


class AddressError(InputError):
    """A model address that nothing answers to."""


class SourceError(DiptychError, ValueError):
    """A dataset that cannot be read or written."""


class PictureError(DiptychError, ValueError):
    """One picture is missing, broken, too large or of a refused kind."""


class RunError(DiptychError, RuntimeError):
    """A run folder that cannot be started, resumed or finished."""
