"""What a process has when it is ready stays: Python's collector need not look through it again and again.

A full collection looks at every object, which stops the process for tens of milliseconds, and comes the
more often the more a request makes (a list of free times of many providers makes thousands).
"""

import gc


def keep_what_is_there() -> int:
    """Call it once, when everything is imported and made. Returns how many objects are looked at no more."""
    gc.collect()
    gc.freeze()
    return gc.get_freeze_count()
