"""An HTTP/1.1 server on loopback whose paths behave and misbehave; with two arguments (certificate, key) over TLS.

It says on standard output when it listens, and what its client did: "asked PATH", "gone PATH", "closed".
"""

import base64
import json
import select
import sys
import threading
import time

import server
from server import say

SESSION = {
    "Version": 1,
    "AccessKeyId": "ASIAEXAMPLE000000001",
    "SecretAccessKey": "secret/secret/secret/secret/secret/12345",
    "SessionToken": "token" * 20,
    "Expiration": "2026-01-01T00:00:00+00:00",
}
WHOAMI = {"researcher": "ada", "keyID": "0123456789ab", "keyExpires": "2027-01-01T00:00:00Z", "address": "127.0.0.1"}


class Count:
    def __init__(self):
        self.lock = threading.Lock()
        self.connections = self.requests = self.now = self.most = 0

    def add(self, **steps):
        with self.lock:
            for name, step in steps.items():
                setattr(self, name, getattr(self, name) + step)
            self.most = max(self.most, self.now)


count = Count()


class HTTPPeer(server.Peer):
    def setup(self):
        super().setup()
        count.add(connections=1)

    def finish(self):
        super().finish()
        say("closed")

    def json(self, value, status=200, **headers):
        self.answer(status, json.dumps(value).encode(), Content_Type="application/json", **headers)

    def do_GET(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        count.add(requests=1, now=1)
        try:
            self.route()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            count.add(now=-1)

    do_POST = do_PUT = do_DELETE = do_GET

    def at_mirror(self, _):
        self.json(
            {
                "method": self.command,
                "target": self.path,
                "headers": [[name.lower(), value] for name, value in self.headers.items()],
                "body": base64.b64encode(self.body).decode(),
            }
        )

    at_other = at_mirror

    def at_hello(self, _):
        self.answer(body=b"hello", X_Twice="one", Set_Cookie="a=b")

    def at_count(self, _):
        self.json({"connections": count.connections, "requests": count.requests, "most": count.most})

    def at_brief(self, query):
        time.sleep(float(query["seconds"]))
        self.answer(body=b"done")

    def at_status(self, query):
        self.answer(int(query["is"]), b"")

    def at_redirect(self, query):
        self.answer(int(query.get("status", 302)), Location="/mirror")

    def at_interim(self, _):
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nX-Interim: yes\r\n\r\n")
        self.answer(body=b"final", X_Final="yes")

    def at_large(self, query):
        self.answer(body=b"x" * int(query["bytes"]))

    def at_chunked(self, query):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(int(query["bytes"]) // 1000):
            self.wfile.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
        self.wfile.write(b"0\r\nX-Trailer: yes\r\n\r\n")

    def at_heads(self, query):
        self.answer(**{f"X_{n}": "h" * 1000 for n in range(int(query["lines"]))})

    def at_cut(self, _):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"only this")
        self.close_connection = True

    def at_drip(self, _):
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        while True:
            self.wfile.write(b".")
            time.sleep(0.02)

    def at_silent(self, _):
        say("asked /silent")
        select.select([self.connection], [], [], server.LONG)
        say("gone /silent")
        self.close_connection = True

    # What a Bursar server says, and what others say in its place.

    def at_credentials(self, query):
        assert self.headers["x-api-key"] and self.headers["accept"] == "application/json"
        self.json(SESSION)

    def at_whoami(self, query):
        self.json(WHOAMI)

    def at_html_credentials(self, _):
        self.answer(body=b"<html>please log in</html>", Content_Type="text/html")

    def at_html_whoami(self, _):
        self.at_html_credentials(_)

    def at_moved_credentials(self, _):
        self.at_redirect({})

    def at_empty_credentials(self, _):
        self.json({})

    def at_gateway_credentials(self, _):
        self.answer(502, b"<html>bad gateway</html>")

    def at_refusing_credentials(self, _):
        self.json(
            {"message": "this key was revoked; ask your operator for a new one", "error": "key_revoked", "requestID": "r"},
            401,
        )

    def at_busy_credentials(self, _):
        self.json({"message": "\x1b[2J" + "x" * 10, "error": "from_the_future", "requestID": "r"}, 503, Retry_After="7")

    def at_shouting_whoami(self, _):
        self.json({**WHOAMI, "researcher": "ada\x1b[31m"})


server.serve(HTTPPeer, sys.argv[1:])
