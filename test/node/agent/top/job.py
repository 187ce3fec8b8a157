"""
Runs a program as a shell runs a job: in the foreground of its terminal, in a process group of its own. When it stops,
says whether the terminal is as it was, and lets it go on.
"""

import os
import signal
import sys
import termios


def main() -> None:
    before = termios.tcgetattr(0)
    # Who is in the background may not choose another foreground otherwise.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execvp(sys.argv[1], sys.argv[1:])
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            sys.exit(os.waitstatus_to_exitcode(status))
        os.tcsetpgrp(0, os.getpid())
        is_same = termios.tcgetattr(0) == before
        print(f"stopped, and the terminal is {'as it was' if is_same else 'another'}", flush=True)
        print("went on", flush=True)
        os.tcsetpgrp(0, child)
        os.killpg(child, signal.SIGCONT)


main()
