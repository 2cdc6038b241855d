"""moto with its authentication on, for stacks.

Users: "operator" may do all that a stack takes; "clerk" may look at stacks and nothing more. Prints its port, then one
line of JSON. More that moto lacks is put in: the outputs of a stack that a change set made, the answer that nothing has
drifted, the protection from deletion, rights on one log group, and that a trust which names a role takes the sessions of
that role.

"metadata" is the metadata service of an instance with the stack's instance profile.
"""

import http.server
import json
import logging
import threading
import urllib.request

import boto3
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult
from moto.iam import access_control
from moto.iam.models import iam_backends
from moto.logs.models import LogGroup
from moto.logs.responses import LogsResponse
from moto.server import ThreadedMotoServer
from moto.sts.models import sts_backends

from moto_stacks import mend

mend()

execute_change_set = CloudFormationBackend.execute_change_set


def executed(self, change_set_name, stack_name=None):
    execute_change_set(self, change_set_name, stack_name)
    for change_set in self.change_sets.values():
        if change_set_name in (change_set.change_set_id, change_set.change_set_name):
            stack = self.stacks[change_set.stack_id]
            stack._parse_template()
            stack.output_map = stack._create_output_map()


CloudFormationBackend.execute_change_set = executed
CloudFormationResponse.detect_stack_drift = lambda self: ActionResult(
    {"StackDriftDetectionId": "00000000-0000-0000-0000-000000000000"})
CloudFormationResponse.describe_stack_drift_detection_status = lambda self: ActionResult(
    {"StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/any/any", "StackDriftDetectionId": "any",
     "StackDriftStatus": "IN_SYNC", "DetectionStatus": "DETECTION_COMPLETE", "DriftedStackResourceCount": 0,
     "Timestamp": "2026-01-02T03:04:05Z"})



def protect(self):
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    stack.enable_termination_protection = self._get_param("EnableTerminationProtection") == "true"
    return ActionResult({"StackId": stack.stack_id})


CloudFormationResponse.update_termination_protection = protect


def log_stream(self):
    """moto asks whether everybody's logs may be written; AWS, whether this stream's may."""
    place = json.loads(self.body or "{}")
    if "logStreamName" not in place:
        return "*"
    group = f"arn:aws:logs:{self.region}:{self.current_account}:log-group:{place['logGroupName']}"
    return f"{group}:log-stream:{place['logStreamName']}"


LogsResponse._determine_resource = log_stream
LogGroup.get_cfn_attribute = lambda self, name: self.arn + ":*"
check_principal = access_control.IAMPolicyStatement._check_principal


def trusts(self, principal):
    parts = principal.split(":")
    if parts[2] == "sts" and parts[5].startswith("assumed-role/"):
        parts[2:6] = ["iam", "", parts[4], "role/" + parts[5].split("/")[1]]
        principal = ":".join(parts)
    return check_principal(self, principal)


access_control.IAMPolicyStatement._check_principal = trusts


class Metadata(http.server.BaseHTTPRequestHandler):
    def answer(self, text):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self):
        self.answer("token")

    def do_GET(self):
        role = next(role for role in iam_backends["123456789012"]["aws"].roles.values() if "ServerRole" in role.name)
        if self.path.endswith("/security-credentials/"):
            return self.answer(role.name)
        session = sts_backends["123456789012"]["aws"].assume_role(
            "us-east-1", "i-0123456789abcdef0", role.arn, None, 3600, None)
        self.answer(json.dumps({
            "Code": "Success", "AccessKeyId": session.access_key_id, "SecretAccessKey": session.secret_access_key,
            "Token": session.session_token, "Expiration": session.expiration.strftime("%Y-%m-%dT%H:%M:%SZ")}))

    def log_message(self, *arguments):
        pass


metadata = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Metadata)
threading.Thread(target=metadata.serve_forever, daemon=True).start()
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://127.0.0.1:{port}"
iam = boto3.client("iam", endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def user(name, actions):
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [statement]}))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


answer = {
    "operator": user("operator", ["cloudformation:*", "iam:*", "sts:*", "ec2:*", "logs:*"]),
    "clerk": user("clerk", ["sts:*", "cloudformation:DescribeStacks"]),
    "metadata": f"http://127.0.0.1:{metadata.server_port}",
}
reset = urllib.request.Request(url + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"})
urllib.request.urlopen(reset, timeout=600).read()
print(f"listening {port}", flush=True)
print(json.dumps(answer), flush=True)
threading.Event().wait()
