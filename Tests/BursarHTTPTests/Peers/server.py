"""What the peers on loopback share: a threading server, over TLS with a certificate, that announces its port."""

import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

# Seconds that a peer waits for its client: a safety net, longer than any test lasts.
LONG = 600


def say(text):
    """Reports to the test, which waits for the line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Peer(BaseHTTPRequestHandler):
    """A handler whose method `at_NAME(query)` is the path /NAME; `at_other(query)` is any other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def route(self):
        """Calls the path's method."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, True).items()}
        getattr(self, "at_" + parts.path.strip("/").replace("/", "_"), self.at_other)(query)

    def at_other(self, _):
        self.answer(404)

    def head(self, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def answer(self, status=200, body=b"", **headers):
        self.head(status, **headers, Content_Length=str(len(body)))
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that ends a transfer is what some tests are about


def serve(handler, certificate=()):
    """Serves until the process ends; `certificate` is the paths of a certificate and its key, or empty."""
    server = Server(("127.0.0.1", 0), handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    say(f"listening {server.server_port}")
    server.serve_forever()
