"""CloudFormation in the states that moto can't be brought into, with the little of STS, IAM and EC2 that goes with it.

The first part of the path names the case; each case has a state of its own. Prints its port. GET /CASE/calls answers
with the calls that came, one a line.
"""

import http.server
import json
import urllib.parse
from xml.sax.saxutils import escape

ACCOUNT = "123456789012"
ROLE = "AWS::IAM::Role"
STACK = "AWS::CloudFormation::Stack"
DENIED = ("Resource handler returned message: \"User: arn:aws:iam::123456789012:user/operator is not authorized to "
          "perform: iam:CreateRole on resource: arn:aws:iam::123456789012:role/bursar-BedrockRole-1 because no "
          "identity-based policy allows the iam:CreateRole action (Service: Iam, Status Code: 403)\"")

DENY = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Deny", "Action": ["*"], "Resource": ["*"],
    "Condition": {"DateLessThan": {"aws:TokenIssueTime": ["2026-01-02T03:04:05Z"]},
                  "StringLike": {"aws:userid": ["*:ada"]}}}]}


class Refused(Exception):
    def __init__(self, code, message="no", status=400):
        self.code, self.message, self.status = code, message, status


class Dropped(Exception):
    pass


def xml(value):
    if isinstance(value, dict):
        return "".join(f"<{name}>{xml(part)}</{name}>" for name, part in value.items() if part is not None)
    if isinstance(value, (list, tuple)):
        return "".join(f"<member>{xml(part)}</member>" for part in value)
    if isinstance(value, bool):
        return str(value).lower()
    return escape(str(value))


class Case:
    """One stack's story. `script` are the steps that follow an operation: events, and the stack's status after them."""

    def __init__(self, name):
        self.name, self.calls, self.sets, self.events, self.steps = name, [], {}, [], []
        self.status, self.reason, self.tags, self.outputs = None, None, [{"Key": "bursar", "Value": "stack"}], True
        self.token, self.count, self.refusals, self.deleted, self.policies = None, 0, 0, False, ["bursar-end-ada"]
        self.protected = name in ("protected", "protectedfails")
        kind, _, detail = name.partition("-")
        if kind == "state":
            self.be(detail)
        elif kind in ("foreign", "running", "update", "drifted", "protected", "protectedfails", "policies",
                      "deletefails", "volume", "empty", "forever", "lost", "lostonce", "slow", "obsolete", "raced", "exists", "watched",
                      "deleteforever", "bad", "throttled", "bare", "swapped", "old", "garbled", "letgo", "unmetered",
                      "unlisted", "healthy"):
            self.be("CREATE_COMPLETE")
        elif kind in ("review", "reviewforeign"):
            self.be("REVIEW_IN_PROGRESS")
            self.tags = []
            owner = "someone" if kind == "reviewforeign" else "bursar"
            self.sets[self.set_arn(owner + "-1")] = {"name": owner + "-1", "polls": 9, "kind": "CREATE"}
        if name in ("denied-DetectStackDrift", "denied-GetTemplate", "denied-DeleteStack"):
            self.be("CREATE_COMPLETE")
        if kind == "foreign":
            self.tags = [{"Key": "team", "Value": "payments"}]
        if kind == "running":
            self.operate("UPDATE", [[("BedrockRole", ROLE, "UPDATE_COMPLETE", None)], "UPDATE_COMPLETE"])

    def be(self, status):
        self.status = status
        self.event("bursar", STACK, status, None)

    @property
    def id(self):
        return f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/bursar/{self.name}"

    def set_arn(self, name):
        return f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:changeSet/{name}/{self.name}"

    def event(self, logical, kind, status, reason):
        self.events.append({
            "StackId": self.id, "EventId": f"event-{len(self.events)}", "StackName": "bursar",
            "LogicalResourceId": logical, "PhysicalResourceId": self.id if kind == STACK else f"bursar-{logical}-1",
            "ResourceType": kind, "Timestamp": f"2026-01-02T03:04:{len(self.events) % 60:02}.123Z",
            "ResourceStatus": status, "ResourceStatusReason": reason, "ClientRequestToken": self.token})

    def operate(self, verb, steps):
        self.status = verb + "_IN_PROGRESS"
        self.event("bursar", STACK, self.status, "User Initiated")
        self.steps = list(steps)

    def advance(self):
        if not self.steps:
            return
        step = self.steps.pop(0)
        if step == "again":
            self.steps.insert(0, step)
        elif isinstance(step, str):
            self.status = step
            self.deleted = step == "DELETE_COMPLETE"
            self.event("bursar", STACK, step, None)
        else:
            for event in step:
                self.event(*event)

    # CloudFormation

    def missing(self):
        raise Refused("ValidationError", "Stack with id bursar does not exist")

    def DescribeStacks(self, form):
        if self.name.startswith("throttled") and (self.refusals < 2 or self.name == "throttled-always"):
            self.refusals += 1
            raise Refused("Throttling", "Rate exceeded")
        if form["StackName"] != self.id and self.deleted:
            self.missing()
        if self.status is None:
            self.missing()
        if self.name == "watched" and self.token and self.refusals < 4:
            self.refusals += 1
            raise Refused("Throttling", "Rate exceeded")
        self.advance()
        stack = {"StackId": self.id, "StackName": "bursar", "StackStatus": self.status, "Tags": self.tags,
                 "CreationTime": "2026-01-02T03:04:05.678Z", "StackStatusReason": self.reason,
                 "EnableTerminationProtection": self.protected,
                 "Outputs": [] if self.name == "bare" else [
                     {"OutputKey": "RoleArn", "OutputValue": f"arn:aws:iam::{ACCOUNT}:role/bursar-1"}],
                 "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"}}
        return {"Stacks": [stack]}

    def UpdateTerminationProtection(self, form):
        self.protected = form["EnableTerminationProtection"] == "true"
        return {"StackId": self.id}

    def CreateChangeSet(self, form):
        if self.name == "exists":
            raise Refused("AlreadyExistsException", "ChangeSet bursar-1 already exists")
        if self.name == "raced":
            self.operate("UPDATE", ["again"])
            raise Refused("ValidationError", f"Stack:{self.id} is in UPDATE_IN_PROGRESS state and can not be updated.")
        arn = self.set_arn(form["ChangeSetName"])
        self.sets[arn] = {"name": form["ChangeSetName"], "polls": 0, "kind": form["ChangeSetType"]}
        if self.status is None:
            self.be("REVIEW_IN_PROGRESS")
        return {"Id": arn, "StackId": self.id}

    def DescribeChangeSet(self, form):
        found = self.sets.get(form["ChangeSetName"])
        if not found:
            raise Refused("ChangeSetNotFound", "ChangeSet does not exist", 404)
        found["polls"] += 1
        answer = {"ChangeSetId": form["ChangeSetName"], "ChangeSetName": found["name"], "StackId": self.id,
                  "StackName": "bursar", "Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE"}
        if self.name == "endless":
            return answer | {"Status": "CREATE_IN_PROGRESS", "ExecutionStatus": "UNAVAILABLE"}
        if self.name == "slow" and found["polls"] < 3:
            return answer | {"Status": ("CREATE_PENDING", "CREATE_IN_PROGRESS")[found["polls"] - 1],
                             "ExecutionStatus": "UNAVAILABLE"}
        if self.name in ("running", "drifted", "empty", "bare") or self.name.startswith("throttled"):
            return answer | {"Status": "FAILED", "ExecutionStatus": "UNAVAILABLE",
                             "StatusReason": "No updates are to be performed."}
        if self.name == "bad":
            return answer | {"Status": "FAILED", "ExecutionStatus": "UNAVAILABLE",
                             "StatusReason": "Template error: a resource is not what it should be"}
        if self.name == "letgo":
            return answer | {"Changes": [self.change("Remove", "DatabaseVolume", kind="AWS::EC2::Volume")]}
        if found["kind"] == "CREATE":
            return answer | {"Changes": [self.change("Add", "BedrockRole"), self.change("Add", "ServerRole")]}
        if form.get("NextToken") == "two":
            return answer | {"Changes": [self.change("Modify", "BedrockRole", "False", "MaxSessionDuration"),
                                         self.change("Remove", "ServerRole")]}
        return answer | {"NextToken": "two", "Changes": [
            self.change("Modify", "DatabaseVolume", "True", "AvailabilityZone", "AWS::EC2::Volume"),
            self.change("Modify", "InstanceProfile", "Conditional", "Roles", "AWS::IAM::InstanceProfile")]}

    def change(self, action, logical, replacement=None, name=None, kind=ROLE):
        detail = {"Target": {"Attribute": "Properties", "Name": name, "RequiresRecreation": "Always"},
                  "Evaluation": "Static", "ChangeSource": "DirectModification"}
        return {"Type": "Resource", "ResourceChange": {
            "Action": action, "LogicalResourceId": logical, "ResourceType": kind, "Replacement": replacement,
            "PhysicalResourceId": None if action == "Add" else f"bursar-{logical}-1",
            "Scope": ["Properties"] if name else [], "Details": [detail] if name else []}}

    def DeleteChangeSet(self, form):
        self.sets.pop(form["ChangeSetName"], None)
        return {}

    def ListChangeSets(self, form):
        return {"Summaries": [{"StackId": self.id, "StackName": "bursar", "ChangeSetId": arn,
                               "ChangeSetName": one["name"], "Status": "CREATE_COMPLETE",
                               "ExecutionStatus": "AVAILABLE"} for arn, one in self.sets.items()]}

    def ExecuteChangeSet(self, form):
        if self.name == "obsolete":
            raise Refused("InvalidChangeSetStatus", "ChangeSet cannot be executed in its current status of [OBSOLETE]")
        if self.name == "lost":
            raise Dropped
        if self.token:
            raise Refused("InvalidChangeSetStatus", "ChangeSet cannot be executed in [EXECUTE_COMPLETE]")
        self.token = form["ClientRequestToken"]
        if self.name == "createfails":
            self.operate("CREATE", [
                [("ServerRole", ROLE, "CREATE_IN_PROGRESS", None), ("BedrockRole", ROLE, "CREATE_FAILED", DENIED),
                 ("ServerRole", ROLE, "CREATE_FAILED", "Resource creation cancelled")],
                [("bursar", STACK, "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [BedrockRole]")],
                "ROLLBACK_COMPLETE"])
        elif self.name == "update":
            self.operate("UPDATE", [
                [("BedrockRole", ROLE, "UPDATE_FAILED", "MaxSessionDuration is not a number\nof seconds")],
                [("bursar", STACK, "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed")],
                "UPDATE_ROLLBACK_COMPLETE"])
        elif self.name == "forever":
            self.operate("UPDATE", ["again"])
        else:
            verb = "CREATE" if self.status == "REVIEW_IN_PROGRESS" else "UPDATE"
            self.operate(verb, [[("BedrockRole", ROLE, verb + "_COMPLETE", None)], verb + "_COMPLETE"])
        if self.name == "lostonce":
            raise Dropped
        return None

    def ContinueUpdateRollback(self, form):
        self.operate("UPDATE_ROLLBACK", ["UPDATE_ROLLBACK_COMPLETE"])
        return {}

    def DescribeStackEvents(self, form):
        newest = self.events[::-1]
        start = int(form.get("NextToken", 0))
        more = {"NextToken": str(start + 3)} if len(newest) > start + 3 else {}
        return {"StackEvents": newest[start:start + 3]} | more

    def DescribeStackResources(self, form):
        kinds = [("BedrockRole", ROLE)]
        if self.name == "volume":
            kinds += [("DatabaseVolume", "AWS::EC2::Volume")]
        return {"StackResources": [{
            "StackName": "bursar", "StackId": self.id, "LogicalResourceId": logical, "ResourceType": kind,
            "PhysicalResourceId": "vol-0123456789" if "Volume" in kind else f"bursar-{logical}-1",
            "Timestamp": "2026-01-02T03:04:05Z", "ResourceStatus": "CREATE_COMPLETE"} for logical, kind in kinds]}

    def GetTemplate(self, form):
        resources = {"BedrockRole": {"Type": ROLE}, "DatabaseVolume": {
            "Type": "AWS::EC2::Volume", "DeletionPolicy": "Retain", "Properties": {"Size": 10}}}
        options = {"old": {}, "garbled": {"Metadata": {"Bursar": {"Options": {"models": "anthropic.*"}}}}}
        return {"TemplateBody": json.dumps({"Resources": resources} | options.get(
            self.name, {"Metadata": {"Bursar": {"Options": {"models": ["anthropic.*"]}}}}))}

    def DeleteStack(self, form):
        if self.protected:
            raise Refused("ValidationError", "Stack [bursar] cannot be deleted while TerminationProtection is enabled")
        self.token = form["ClientRequestToken"]
        if self.name in ("deletefails", "protectedfails"):
            self.operate("DELETE", [[("BedrockRole", ROLE, "DELETE_FAILED", "Cannot delete entity, must detach all "
                                      "policies first.")], "DELETE_FAILED"])
        elif self.name == "deleteforever":
            self.operate("DELETE", ["again"])
        else:
            self.operate("DELETE", ["DELETE_COMPLETE"])
        return None

    def DetectStackDrift(self, form):
        return {"StackDriftDetectionId": "00000000-0000-0000-0000-000000000000"}

    def DescribeStackDriftDetectionStatus(self, form):
        self.count += 1
        status = "DETECTION_IN_PROGRESS" if self.count < 2 else "DETECTION_COMPLETE"
        return {"StackId": self.id, "StackDriftDetectionId": "any", "DetectionStatus": status,
                "StackDriftStatus": "DRIFTED" if self.name == "drifted" else "IN_SYNC",
                "Timestamp": "2026-01-02T03:04:05Z"}

    def DescribeStackResourceDrifts(self, form):
        return {"StackResourceDrifts": [{
            "StackId": self.id, "LogicalResourceId": "BedrockRole", "PhysicalResourceId": "bursar-BedrockRole-1",
            "ResourceType": ROLE, "StackResourceDriftStatus": "MODIFIED", "Timestamp": "2026-01-02T03:04:05Z",
            "PropertyDifferences": [{"PropertyPath": "/MaxSessionDuration", "ExpectedValue": "3600",
                                     "ActualValue": "43200", "DifferenceType": "NOT_EQUAL"}]}]}

    # The others

    def GetCallerIdentity(self, form):
        return {"Arn": f"arn:aws:iam::{ACCOUNT}:user/operator", "UserId": "AIDA", "Account": ACCOUNT}

    def ListRolePolicies(self, form):
        own = ["backdoor"] if self.name == "policies" else self.policies
        return {"PolicyNames": own, "IsTruncated": False}

    def ListAttachedRolePolicies(self, form):
        if self.name == "unlisted":
            raise Refused("AccessDenied", "not authorized", 403)
        names = ["AmazonBedrockFullAccess", "ReadOnlyAccess", "AmazonBedrockMantleInferenceAccess",
                 "AmazonBedrockMantleReadOnly", "AnthropicInferenceAccess"] if self.name == "unmetered" else []
        own = [("AmazonBedrockFullAccess", ACCOUNT)] if names else []
        return {"AttachedPolicies": [{"PolicyName": name, "PolicyArn": f"arn:aws:iam::{owner}:policy/{name}"}
                                     for name, owner in [(name, "aws") for name in names] + own], "IsTruncated": False}

    def GetRolePolicy(self, form):
        self.count += 1
        # Somebody wrote over it after it was looked at.
        document = {"Statement": []} if self.name == "swapped" and self.count > 1 else DENY
        return {"RoleName": form["RoleName"], "PolicyName": form["PolicyName"],
                "PolicyDocument": urllib.parse.quote(json.dumps(document))}

    def DeleteRolePolicy(self, form):
        self.policies.remove(form["PolicyName"])
        return None

    def PutRolePolicy(self, form):
        self.policies.append(form["PolicyName"])
        return None

    def GetRole(self, form):
        return {"Role": {"RoleName": form["RoleName"], "Arn": f"arn:aws:iam::{ACCOUNT}:role/{form['RoleName']}"}}

    def DeleteVolume(self, form):
        raise Refused("VolumeInUse", "Volume vol-0123456789 is currently attached to i-1")


cases = {}


class Peer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        body = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        case = cases[self.path.split("/")[1]]
        self.answer(200, "\n".join(case.calls))

    def do_POST(self):
        name = self.path.split("/")[1]
        case = cases[name] = cases.get(name) or Case(name)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        form = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
        action = form["Action"]
        case.calls.append(action)
        try:
            if name == f"denied-{action}":
                raise Refused("AccessDenied", f"User: x is not authorized to perform: cloudformation:{action}", 403)
            result = getattr(case, action)(form)
        except Dropped:
            self.close_connection = True
            return
        except Refused as refused:
            return self.answer(refused.status, f"<ErrorResponse><Error><Type>Sender</Type><Code>{refused.code}</Code>"
                               f"<Message>{escape(refused.message)}</Message></Error>"
                               "<RequestId>peer</RequestId></ErrorResponse>")
        result = "" if result is None else f"<{action}Result>{xml(result)}</{action}Result>"
        self.answer(200, f"<{action}Response>{result}<ResponseMetadata><RequestId>peer</RequestId></ResponseMetadata>"
                    f"</{action}Response>")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
print(f"listening {server.server_port}", flush=True)
server.serve_forever()
