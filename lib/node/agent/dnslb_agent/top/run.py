"""Runs `top`: draws again and again on a terminal, or prints blocks of plain text."""

import os
import signal
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import NamedTuple

from ..node import Node
from .observer import Observer
from .screen import Screen, is_usable
from .table import Line, layout
from .view import parts

# Seconds in which a change of the terminal is seen.
POLL = 0.25
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Request(NamedTuple):
    """What the operator wants to see."""

    # In seconds.
    interval: float
    # How many times; None for one block of plain text, and for a screen until somebody quits.
    times: int | None
    clients: int
    plain: bool


def run(node: Node, wanted: Request) -> None:
    observer = Observer(node, wanted.clients, wanted.interval)
    try:
        if wanted.plain or not is_usable():
            _print(observer, wanted)
        else:
            _draw(observer, wanted)
    except BrokenPipeError:
        # Who read has seen enough. Python would complain when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        # Who is in a hurry would leave programs behind that it has started. They are given up soon.
        with _undisturbed():
            observer.close()


@contextmanager
def _undisturbed() -> "Generator[None, None, None]":
    before = [(number, signal.signal(number, signal.SIG_IGN)) for number in ENDING]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _print(observer: Observer, wanted: Request) -> None:
    observer.observe()
    end = time.monotonic()
    for index in range(1 if wanted.times is None else wanted.times):
        end += wanted.interval
        time.sleep(max(0.0, end - time.monotonic()))
        live, moment = observer.observe()
        lines = layout(parts(live, moment, wanted.clients), None, None)
        text = "\n".join(line.text for line in lines)
        print(f"\n{text}" if index > 0 else text, flush=True)


def _draw(observer: Observer, wanted: Request) -> None:
    screen = Screen()
    with screen.taken():
        screen.draw([Line(f"reading for {wanted.interval:g} s; q quits")])
        observer.observe()
        end = time.monotonic()
        drawn = 0
        while drawn != wanted.times:
            end = max(end + wanted.interval, time.monotonic())
            if _quits(screen, end):
                return
            live, moment = observer.observe()
            screen.draw(parts(live, moment, wanted.clients))
            drawn += 1
    # The terminal shows again what it did before: what was drawn last is to stay.
    screen.leave_text()


def _quits(screen: Screen, end: float) -> bool:
    """Waits until it is time to look again, or somebody quits; looks at the terminal once at least."""
    while True:
        if screen.wait(min(max(0.0, end - time.monotonic()), POLL)):
            return True
        screen.refresh()
        if time.monotonic() >= end:
            return False
