"""`python -m jobs`: the poller alone, until it is told to end."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

import logs
from config import ConfigError, from_environment
from jobs.house import open_house
from jobs.poller import Poller
from storage.db import StoreError


def main() -> int:
    """Run until SIGTERM or Ctrl-C. 2 = the configuration or the store cannot be used, with a sentence why."""
    arguments = argparse.ArgumentParser(prog="python -m jobs", description="Poll the sources of Tablo.")
    arguments.add_argument("--parent", type=int, help="end with this process")
    parent = arguments.parse_args().parent
    try:
        config = from_environment()
        logs.start(config.log_format)
        house = open_house(config)
    except (ConfigError, StoreError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    ended = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: ended.set())
    poller = Poller(house, parent)
    poller.start()
    ended.wait()
    poller.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
