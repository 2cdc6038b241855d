"""moto with its authentication on, for stacks.

Users: "operator" may do all that a stack takes; "clerk" may look at stacks and nothing more. Prints its port, then one
line of JSON. Two more things that moto lacks are put in: the outputs of a stack that a change set made, and the answer
that nothing has drifted.
"""

import json
import logging
import threading
import urllib.request

import boto3
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult
from moto.server import ThreadedMotoServer

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
}
reset = urllib.request.Request(url + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"})
urllib.request.urlopen(reset, timeout=10).read()
print(f"listening {port}", flush=True)
print(json.dumps(answer), flush=True)
threading.Event().wait()
