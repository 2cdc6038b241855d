"""Runs a command with an IAM that makes a key and then answers as the first word says; prints its stderr.

    500      that it failed
    rubbish  what is no answer of IAM's
    nothing  nothing: the connection ends
"""

import http.client
import http.server
import os
import subprocess
import sys
import threading
import urllib.parse

upstream = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"])
FAILED = """<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Receiver</Type>
<Code>ServiceFailure</Code><Message>try again</Message></Error><RequestId>r</RequestId></ErrorResponse>"""
answer = {"500": (500, FAILED), "rubbish": (200, "<p>welcome</p>"), "nothing": (0, "")}[sys.argv[1]]


class IAM(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        connection = http.client.HTTPConnection(upstream.hostname, upstream.port, timeout=600)
        connection.request("POST", self.path, body, dict(self.headers))
        reply = connection.getresponse()
        status, text = reply.status, reply.read()
        if b"Action=CreateAccessKey" in body and status == 200:
            status, text = answer[0], answer[1].encode()
        if not status:
            return self.connection.close()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), IAM)
threading.Thread(target=server.serve_forever, daemon=True).start()
environment = os.environ | {"AWS_ENDPOINT_URL_IAM": f"http://127.0.0.1:{server.server_port}"}
child = subprocess.run(sys.argv[2:], env=environment, stderr=subprocess.PIPE, text=True, timeout=600)
print(child.stderr, "exit", child.returncode)
