"""The one error of this room."""


class RestrictedValueError(TypeError):
    """Somebody tried to make a restricted value plain on the sly; the message says how to do it openly."""
