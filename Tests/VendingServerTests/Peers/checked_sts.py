"""An STS that grants what it is told to: checked_sts.py SKEW_SECONDS [DENIED_PARAMETER…].

A denied parameter is the beginning of a form field's name: RoleArn denies AssumeRole altogether, Tags tags. Sessions
last an hour at most. What is asked of AssumeRole is printed, a JSON object a line.
"""

import email.utils
import http.server
import json
import sys
import time
import urllib.parse

IDENTITY = """<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/server</Arn>
<UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""
ROLE = """<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE000000001</AccessKeyId>
<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration>
</Credentials><AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/bedrock/check</Arn>
<AssumedRoleId>AROAEXAMPLE:check</AssumedRoleId></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"""
ERROR = "<ErrorResponse><Error><Code>{}</Code><Message>{}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
skew, denied = float(sys.argv[1]), tuple(sys.argv[2:])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(time.time() + skew, usegmt=True)

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        if form["Action"] == ["AssumeRole"]:
            print(json.dumps({name: values[0] for name, values in form.items()}), flush=True)
        if form["Action"] == ["GetCallerIdentity"]:
            self.answer(200, IDENTITY)
        elif any(name.startswith(denied) for name in form if denied):
            self.answer(403, ERROR.format("AccessDenied", "not authorized"))
        elif int(form["DurationSeconds"][0]) > 3600:
            self.answer(400, ERROR.format("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."))
        else:
            self.answer(200, ROLE)

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("content-type", "text/xml")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("listening", server.server_port, flush=True)
server.serve_forever()
