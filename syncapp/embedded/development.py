"""What an operator sets in production and a development installation has by itself."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from syncapp.embedded.owner import is_free, locked, make_folder, read_private, write_private
from syncapp.embedded.ports import port_from

SECRETS = "secrets.json"
# What the running `make run` says of itself, and the lock it holds while it runs.
UP_FILE = "up.json"
UP_LOCK = "up.lock"
PORT_VARIABLE = "SYNCAPP_PORT"
SIMULATOR_PORT_VARIABLE = "SYNCAPP_SIMULATOR_PORT"


def web_port() -> int:
    return port_from(PORT_VARIABLE) or 8000


def simulator_port() -> int:
    return port_from(SIMULATOR_PORT_VARIABLE) or 8010


def environment(data_dir: Path) -> dict[str, str]:
    """Variables for every process of a development installation: its keys and its addresses."""
    simulator = f"http://127.0.0.1:{simulator_port()}"
    return kept_secrets(data_dir) | {
        "SYNCAPP_SITE_URL": f"http://127.0.0.1:{web_port()}",
        "QUICKBOOKS_ONLINE_API_URL": simulator,
        "QUICKBOOKS_ONLINE_AUTHORIZE_URL": f"{simulator}/connect/oauth2",
        "QUICKBOOKS_ONLINE_TOKEN_URL": f"{simulator}/oauth2/v1/tokens/bearer",
        "QUICKBOOKS_ONLINE_REVOKE_URL": f"{simulator}/v2/oauth2/tokens/revoke",
        "QUICKBOOKS_ONLINE_RATE_FACTOR": "100",
        "QUICKBOOKS_ONLINE_CLIENT_ID": "syncapp-demo",
        "QUICKBOOKS_ONLINE_CLIENT_SECRET": "syncapp-demo",
    }


def kept_secrets(data_dir: Path) -> dict[str, str]:
    """The secret key and the encryption key, made once: without them stored tokens are lost."""
    make_folder(data_dir)
    path = data_dir / SECRETS
    with locked(data_dir / "secrets.lock", wait=True):
        if not path.exists():
            fernet_key = base64.urlsafe_b64encode(os.urandom(32)).decode()
            made = {
                "SYNCAPP_SECRET_KEY": secrets.token_urlsafe(48),
                "SYNCAPP_ENCRYPTION_KEYS": fernet_key,
            }
            write_private(path, made)
        return read_private(path)


def export(variables: Mapping[str, str]) -> None:
    """Sets environment variables, except those that are set: what the user says wins."""
    for name, value in variables.items():
        if not os.environ.get(name):
            os.environ[name] = value


def data_dir(base_dir: Path) -> Path:
    """Where a checkout keeps its data."""
    return Path(os.environ.get("SYNCAPP_DATA_DIR") or base_dir / ".data").absolute()


def running_installation(data_dir: Path) -> dict[str, str]:
    """The environment of the `make run` that runs in this data folder; empty if none does."""
    if not (data_dir / UP_FILE).exists() or is_free(data_dir / UP_LOCK):
        return {}
    return read_private(data_dir / UP_FILE)
