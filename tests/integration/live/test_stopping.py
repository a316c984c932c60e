"""Nothing that a client leaves open holds the server up when it is asked to stop."""

from __future__ import annotations

import signal
import socket
import time

from kairo.interfaces.cli.web_server import STREAMS_END_WITHIN_S
from tests.integration.live.servers import WebServer


def test_a_request_that_never_ends_is_cut_off(own_server: WebServer) -> None:
    head = b"POST /api/brands HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n"

    with socket.create_connection(("127.0.0.1", own_server.port)) as client:
        client.sendall(head)
        time.sleep(0.5)
        stopped_after_s = own_server.stop(signal.SIGTERM)

    assert stopped_after_s < STREAMS_END_WITHIN_S + 3
