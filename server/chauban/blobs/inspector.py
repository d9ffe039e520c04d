"""The process that reads foreign files: `python -m chauban.blobs.inspector`, one per server.

It takes connections over its standard input, a socket, and forks a child for each. It has one
thread, no settings and no database, and ends when the process that started it has ended.
"""

import importlib
import os
import resource
import signal
import socket
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from chauban.blobs.inspection import Request, answer_to

STARTING_SECONDS = 60  # for a request to come; its own limits count from then on
# Read once here, so that no child has to.
READERS = (
    "chauban_pades.assessing",
    "chauban_pades.detached",
    "chauban_pades.pictures",
    "chauban_pades.second_leg",
    "chauban_docform.normalising",
    "pypdfium2",
    "PIL.PngImagePlugin",
)


def main() -> None:
    for name in READERS:
        importlib.import_module(name)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it decides when it ends
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no child waits to be asked how it ended
    with socket.socket(fileno=0) as control:
        while True:
            sent, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            if not sent:
                return
            if os.fork() == 0:
                control.close()
                answer(Connection(descriptors[0]))
            os.close(descriptors[0])


def answer(connection: Connection) -> None:
    """Do what is asked over connection and end this process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.alarm(STARTING_SECONDS)
    try:
        with suppress(EOFError, ConnectionError):
            request: Request = connection.recv()
            limit(request)
            answer_to(connection)
            connection.send(outcome_of(request))
    finally:
        os._exit(0)


def outcome_of(request: Request) -> dict[str, object]:
    try:
        return {"result": request.work()}
    except request.passing as error:
        return {"passed": (type(error), error.args, vars(error))}
    except BaseException as error:
        return {"error": type(error).__name__}


def limit(request: Request) -> None:
    signal.alarm(request.seconds + 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the document
    resource.setrlimit(resource.RLIMIT_CPU, (request.seconds + 1, request.seconds + 2))
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    memory_bytes = pages * resource.getpagesize() + request.memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


if __name__ == "__main__":
    main()
