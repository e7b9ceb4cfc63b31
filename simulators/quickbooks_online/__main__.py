"""Start a simulated company: python -m simulators.quickbooks_online --data FILE."""

from __future__ import annotations

import signal
import sqlite3
import sys
import threading
from types import FrameType

from simulators.quickbooks_online.routes import Site
from simulators.quickbooks_online.seed import open_company
from simulators.quickbooks_online.server import Server
from simulators.quickbooks_online.settings import read_arguments
from simulators.quickbooks_online.store import FileInUse
from simulators.quickbooks_online.webhooks import Webhooks


def main() -> int:
    settings = read_arguments()
    try:
        company = open_company(settings)
    except (FileInUse, OSError, sqlite3.Error) as error:
        print(f"Cannot open the books in {settings.data}: {error}.", file=sys.stderr)
        return 1
    try:
        server = Server((settings.host, settings.port), Site(company))
    except (OSError, OverflowError) as error:
        where = f"{settings.host}:{settings.port}"
        print(f"Cannot listen at {where}: {error}.", file=sys.stderr)
        return 1
    if settings.webhook_url:
        Webhooks(company)
    _stop_on_signals(server)
    host, port = server.server_address[:2]
    print(f"http://{host!s}:{port}", flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    company.store.close()
    return 0


def _stop_on_signals(server: Server) -> None:
    """shutdown() waits for the loop it ends, so it is called from beside it."""

    def stop(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


if __name__ == "__main__":
    sys.exit(main())
