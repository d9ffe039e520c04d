"""Between an office and its axis: a proxy that refuses, delays, cuts and half-closes connections.

It knows nothing of what passes: a cut falls on any byte, of a handshake, a request or an answer.
It repeats nothing itself; that is done by who got no answer.
"""

import math
import random
import select
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from threading import Event, Lock, Thread

HOST = "127.0.0.1"
PIECE_BYTES = 1 << 14
LOOK_EVERY_SECONDS = 0.2
NEVER = 1 << 62


class Fate(StrEnum):
    """What becomes of a connection."""

    WHOLE = "whole"
    REFUSED = "refused"  # closed before a byte
    SILENT = "silent"  # taken, and nothing passes
    SLOW = "slow"
    STALLED = "stalled"  # the rest of a request gets nowhere, and nobody is told
    REQUEST_CUT = "request cut"
    ANSWER_CUT = "answer cut"
    REQUEST_HALF_CLOSED = "request half-closed"  # the axis sees its end, and may still answer
    ANSWER_HALF_CLOSED = "answer half-closed"  # the office sees its end, and may still ask


CHANCES = {
    Fate.REFUSED: 8,
    Fate.SILENT: 3,
    Fate.SLOW: 8,
    Fate.STALLED: 3,
    Fate.REQUEST_CUT: 18,
    Fate.ANSWER_CUT: 18,
    Fate.REQUEST_HALF_CLOSED: 10,
    Fate.ANSWER_HALF_CLOSED: 5,
    Fate.WHOLE: 30,
}
REQUEST_BYTES, ANSWER_BYTES = 400_000, 200_000  # the farthest cuts
SILENT_SECONDS = 4.0
STUCK_SECONDS = 40.0  # longer than an office waits for an answer
SLOW_SECONDS = 0.4
WHOLE_SECONDS = 20.0  # then the next connection has another fate


@dataclass(frozen=True)
class Lot:
    """What fell to a connection, and after how many bytes."""

    fate: Fate
    request_bytes: int
    answer_bytes: int
    pause_seconds: float


@dataclass
class Way:
    """One direction of a connection, and after how many bytes it ends."""

    source: socket.socket
    target: socket.socket
    limit: int
    at_its_end: Callable[[], object]
    pause_seconds: float = 0.0


class Proxy:
    """Listens on a port of its own and passes connections on to another; runs until closed."""

    def __init__(self, port_behind: int, *, seed: str) -> None:
        self.port_behind = port_behind
        self.rng = random.Random(seed)
        self.happened: Counter[str] = Counter()
        self.calm, self.closed = Event(), Event()
        self._lock = Lock()
        self._listening = socket.create_server((HOST, 0), backlog=64)
        self.port = int(self._listening.getsockname()[1])
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.calm.set()
        self.closed.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while not self.closed.is_set():
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            near.settimeout(STUCK_SECONDS)
            Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        with self._lock:
            lot = self._lot()
        if lot.fate in (Fate.REFUSED, Fate.SILENT):
            if lot.fate is Fate.SILENT:
                self.calm.wait(SILENT_SECONDS)
            _reset(near)
            self._note(lot.fate)
            return
        try:
            far = socket.create_connection((HOST, self.port_behind), timeout=STUCK_SECONDS)
        except OSError:
            _reset(near)
            self._note("nobody behind")
            return
        self._pass_on(near, far, lot)

    def _lot(self) -> Lot:
        fates, rng = list(CHANCES), self.rng
        return Lot(
            Fate.WHOLE if self.calm.is_set() else rng.choices(fates, list(CHANCES.values()))[0],
            _anywhere(rng, REQUEST_BYTES),
            _anywhere(rng, ANSWER_BYTES),
            rng.uniform(0, SLOW_SECONDS),
        )

    def _pass_on(self, near: socket.socket, far: socket.socket, lot: Lot) -> None:
        def cut() -> None:
            _reset(near)
            _reset(far)

        def half_close(target: socket.socket) -> None:
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)

        def stall() -> None:
            self.calm.wait(STUCK_SECONDS)
            cut()

        there = Way(near, far, NEVER, lambda: half_close(far))
        back = Way(far, near, NEVER, lambda: half_close(near))
        match lot.fate:
            case Fate.SLOW:
                there.pause_seconds = back.pause_seconds = lot.pause_seconds
            case Fate.STALLED:
                there.limit, there.at_its_end = lot.request_bytes, stall
            case Fate.REQUEST_CUT:
                there.limit, there.at_its_end = lot.request_bytes, cut
            case Fate.ANSWER_CUT:
                back.limit, back.at_its_end = lot.answer_bytes, cut
            case Fate.REQUEST_HALF_CLOSED:
                there.limit = lot.request_bytes
            case Fate.ANSWER_HALF_CLOSED:
                back.limit = lot.answer_bytes
        ways = [
            Thread(target=self._carry, args=(way, lot.fate), daemon=True) for way in (there, back)
        ]
        for way in ways:
            way.start()
        for way in ways:
            way.join()
        cut()

    def _carry(self, way: Way, fate: Fate) -> None:
        """Pass bytes on until either side ends, or as many have passed as may."""
        began, left = time.monotonic(), way.limit
        while not self.closed.is_set():
            if self.calm.is_set():
                left = NEVER
            elif fate is Fate.WHOLE and time.monotonic() - began > WHOLE_SECONDS:
                break
            try:
                if not _has_more(way.source):
                    continue
                piece = way.source.recv(min(PIECE_BYTES, left))
                if not piece:
                    break
                if way.pause_seconds:
                    self.calm.wait(way.pause_seconds)
                way.target.sendall(piece)
            except (OSError, ValueError):  # the other way has closed it
                break
            left -= len(piece)
            if left <= 0:
                self._note(fate)
                way.at_its_end()
                self._swallow(way.source)
                return
        with suppress(OSError):
            way.target.shutdown(socket.SHUT_WR)

    def _swallow(self, source: socket.socket) -> None:
        """After a half-close: what still comes this way gets nowhere."""
        deadline = time.monotonic() + SILENT_SECONDS
        with suppress(OSError, ValueError):
            while time.monotonic() < deadline and not self.calm.is_set():
                if _has_more(source) and not source.recv(PIECE_BYTES):
                    return

    def _note(self, what: str) -> None:
        with self._lock:
            self.happened[str(what)] += 1


def _anywhere(rng: random.Random, farthest: int) -> int:
    """A number of bytes: each order of magnitude as likely as the next."""
    return round(math.exp(rng.uniform(0, math.log(farthest))))


def _has_more(source: socket.socket) -> bool:
    """Whether bytes, or the end, came within a moment."""
    return bool(select.select([source], [], [], LOOK_EVERY_SECONDS)[0])


def _reset(end: socket.socket) -> None:
    """Close so that the other side sees a broken connection (RST), not an end."""
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()
