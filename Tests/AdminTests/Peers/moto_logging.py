"""moto with Bedrock's invocation logging in every region, for what moto lacks of it.

The argument is JSON: a list of faults, {"action", "region", "code", "status", "times"}; the region may be left out for
any, and times for always. Each body of Bedrock and Logs is held to botocore's model. Log groups have their classes. AWS
tries the role out when a configuration is put: here it has to exist, with its policy.

Prints its port, then one line of JSON; "calls" answers which calls were made, a line each.
"""

import http.server
import json
import logging
import sys
import threading

from botocore.validate import ParamValidator
from moto.bedrock.responses import BedrockResponse
from moto.core.responses import BaseResponse
from moto.core.utils import get_service_model
from moto.iam.models import iam_backends
from moto.logs.models import LogGroup
from moto.logs.responses import LogsResponse
from moto.server import ThreadedMotoServer

faults = json.loads(sys.argv[1]) if len(sys.argv) > 1 else []
calls = []
lock = threading.Lock()
classes = {}


def fault(service, action, region):
    for entry in faults:
        if entry["action"] == f"{service}:{action}" and entry.get("region", region) == region and entry.get("times", 1):
            if "times" in entry:
                entry["times"] -= 1
            return entry
    return None


def refusal(self, status, code, message):
    headers = self.response_headers
    if self.boto3_service_name in ("iam", "sts"):
        headers["Content-Type"] = "text/xml"
        return status, headers, (f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}"
                                 "</Message></Error><RequestId>r</RequestId></ErrorResponse>")
    headers["Content-Type"] = "application/json"
    headers["x-amzn-ErrorType"] = code
    return status, headers, json.dumps({"message": message})


def flaw(service, action, body):
    if service not in ("bedrock", "logs"):
        return None
    shape = get_service_model(service).operation_model(action).input_shape
    report = ParamValidator().validate(json.loads(body or "{}"), shape)
    return report.generate_report() if report.has_errors() else None


call_action = BaseResponse.call_action


def watched(self):
    service, action = self.boto3_service_name, self._get_action()
    with lock:
        calls.append(f"{service}:{action} {self.region}")
        found = fault(service, action, self.region)
    if found:
        return refusal(self, found["status"], found["code"], "as the test says")
    malformed = flaw(service, action, self.body)
    if malformed:
        return refusal(self, 400, "ValidationException", malformed)
    return call_action(self)


BaseResponse.call_action = watched
create_log_group = LogsResponse.create_log_group
describe = LogGroup.to_describe_dict
put_logging = BedrockResponse.put_model_invocation_logging_configuration


def create(self):
    answer = create_log_group(self)
    place = self._get_param("logGroupName")
    classes[(self.region, place)] = self._get_param("logGroupClass") or "STANDARD"
    return answer


def put(self):
    target = json.loads(self.body)["loggingConfig"].get("cloudWatchConfig")
    if target:
        roles = iam_backends[self.current_account]["aws"].roles.values()
        role = next((role for role in roles if role.arn == target["roleArn"]), None)
        if role is None or not (role.policies or "theirs" in role.name):
            return json.dumps({"message": "Failed to validate permissions for log group"}), {
                "status": 400, "x-amzn-ErrorType": "ValidationException"}
    put_logging(self)
    return "{}"


LogsResponse.create_log_group = create
LogGroup.to_describe_dict = lambda self: describe(self) | {
    "logGroupClass": classes.get((self.region, self.name), "STANDARD")}
BedrockResponse.put_model_invocation_logging_configuration = put


class Calls(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with lock:
            body = "\n".join(calls).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Calls)
threading.Thread(target=made.serve_forever, daemon=True).start()
print(f"listening {port}", flush=True)
print(json.dumps({"calls": f"http://127.0.0.1:{made.server_port}"}), flush=True)
threading.Event().wait()
