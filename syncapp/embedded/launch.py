"""Becomes another program that is told to end when its parent ends: PARENT SIGNAL UID GID COMMAND.

A file of its own, run by path, because it must start fast and runs between fork and exec, where
code in the parent's own process would not be safe beside the parent's threads. UID and GID are
-1 to stay who we are.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    parent, death_signal, uid, gid = (int(argument) for argument in arguments[:4])
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After the change of user, which clears it. Elsewhere the sweep at the next start does it.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit("The parent has ended.")
    os.execv(arguments[4], arguments[4:])


if __name__ == "__main__":
    main(sys.argv[1:])
