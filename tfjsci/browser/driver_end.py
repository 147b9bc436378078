"""Playwright's driver may end before it is told to: Ctrl-C on a terminal reaches it, too.

Playwright keeps that as an error which nobody asks it for, and asyncio complains of such errors when their memory is freed: on
stderr, perhaps as the program's last words. It belongs into the log.
"""

from __future__ import annotations

import logging

_SAID = "Connection closed while reading from the driver"


class _DriverEnd(logging.Filter):
    def __init__(self, log: logging.Logger) -> None:
        super().__init__()
        self._log = log

    def filter(self, record: logging.LogRecord) -> bool:
        """False for what is said of the driver."""
        if _SAID not in record.getMessage():
            return True
        self._log.info("Playwright's driver ended before it was stopped")
        return False


def expect_driver_end(log: logging.Logger) -> None:
    """From now on asyncio's complaint about it goes to ``log``; its others go where they went."""
    asyncio_log = logging.getLogger("asyncio")
    if not any(isinstance(each, _DriverEnd) for each in asyncio_log.filters):
        asyncio_log.addFilter(_DriverEnd(log))
