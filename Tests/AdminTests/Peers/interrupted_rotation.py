"""Runs a command with an STS that doesn't know new keys yet, and sends it SIGINT while it tries one; prints its stderr."""

import http.server
import os
import signal
import subprocess
import sys
import threading

WHO = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/operator</Arn><UserId>AIDA</UserId><Account>123456789012</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>"""
UNKNOWN = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>InvalidClientTokenId</Code><Message>not valid</Message></Error><RequestId>r</RequestId></ErrorResponse>"""
own = os.environ["AWS_ACCESS_KEY_ID"]
children = []


class STS(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        known = own in self.headers["Authorization"]
        if not known:
            children[0].send_signal(signal.SIGINT)
        body = (WHO if known else UNKNOWN).encode()
        self.send_response(200 if known else 403)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), STS)
threading.Thread(target=server.serve_forever, daemon=True).start()
environment = os.environ | {"AWS_ENDPOINT_URL_STS": f"http://127.0.0.1:{server.server_port}"}
children.append(subprocess.Popen(sys.argv[1:], env=environment, stderr=subprocess.PIPE, text=True))
print(children[0].communicate()[1], "exit", children[0].returncode)
