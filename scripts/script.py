"""What all scripts do alike: how they end, and how they say what they found."""

import argparse
import os
import signal
import sys

import programs
from plain_text import make_plain

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MOST_LETTERS = 1000  # of a message


class BadInput(Exception):
    """What was given cannot be used, or the output cannot be written; the message says why."""


class Stopped(BaseException):
    """A signal asked the script to end."""


class Parser(argparse.ArgumentParser):
    """Reads the arguments of a script; its help is seen to arrive."""

    def __init__(self, text, **more):
        """Begin with the description.

        Args:
            text: The summary, and what follows the options in the help.
            more: Arguments of ArgumentParser.
        """
        summary, _, details = text.partition("\n\n")
        super().__init__(description=summary, epilog=details,
                         formatter_class=argparse.RawDescriptionHelpFormatter, **more)

    def print_help(self, file=None):
        """Print the help, on the standard output."""
        say(self.format_help().rstrip("\n"))


def say(text=""):
    """Write a line to the standard output."""
    write_output(f"{text}\n".encode(sys.stdout.encoding if sys.stdout else "utf-8", "replace"))


def write_output(data):
    """Write bytes to the standard output, and see that they arrive."""
    try:
        if sys.stdout is None:
            raise BadInput("the standard output is closed")
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        # Or Python tries again at the end, and complains in its own words.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise BadInput(f"the standard output cannot be written: {error.strerror}") from None


def _stop(number, _frame):
    """End programs that run, then the script, which takes away what is half done."""
    for stop in STOPS:
        signal.signal(stop, signal.SIG_IGN)
    programs.stop()
    raise Stopped(number)


def run(main):
    """Run a script.

    Args:
        main: Does its work and returns the exit status.
    """
    for stop in STOPS:
        if signal.getsignal(stop) is not signal.SIG_IGN:  # of nohup, or in the background
            signal.signal(stop, _stop)
    try:
        status = main()
    except BadInput as error:
        _complain(error)
        status = 2
    except programs.Failure as failure:
        _complain(failure)
        status = 1
    except Stopped as stopped:
        # As if nothing had caught it.
        signal.signal(stopped.args[0], signal.SIG_DFL)
        os.kill(os.getpid(), stopped.args[0])
    sys.exit(status)


def _complain(error):
    """Write a message as one line."""
    print(f"{os.path.basename(sys.argv[0])}: {make_plain(error, MOST_LETTERS)}", file=sys.stderr)
