"""Holds templates to other people's knowledge of CloudFormation: cfn-lint reads them, moto makes stacks of them.

usage: stacks.py regions|lint|deploy

`regions` prints those that cfn-lint knows. The others read a JSON list of {"regions", "template"} from standard input:
`lint` prints a list of findings, empty when there are none; `deploy` prints for each stack what came of it. moto gives
a log group's ARN without the `:*` that AWS's has, and takes no type, encryption and tags of a volume from a template.
"""

import json
import logging
import sys
import urllib.request

import boto3
from cfnlint.api import lint as check
from cfnlint.config import ManualArgs
from cfnlint.helpers import REGIONS
from moto.server import ThreadedMotoServer

from moto_stacks import mend


def lint(case):
    options = ManualArgs(regions=sorted(set(case["regions"])), include_checks=["I"])
    return [str(match) for match in check(case["template"], config=options)]


def statements(document):
    names = ("Action", "Principal", "Resource", "Condition")
    return [{name.lower(): one.get(name) for name in names} for one in document["Statement"]]


def deploy(case, url):
    def client(service):
        return boto3.client(service, region_name=case["regions"][0], endpoint_url=url, aws_access_key_id="x",
                            aws_secret_access_key="x")

    formation, iam = client("cloudformation"), client("iam")
    formation.validate_template(TemplateBody=case["template"])
    formation.create_stack(StackName="bursar", TemplateBody=case["template"], Capabilities=["CAPABILITY_IAM"])
    stack = formation.describe_stacks(StackName="bursar")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    bedrock = iam.get_role(RoleName=outputs["RoleArn"].split("/")[-1])["Role"]
    server = iam.get_role(RoleName=outputs["ServerRoleArn"].split("/")[-1])["Role"]

    def permissions(role):
        attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        inline = iam.list_role_policies(RoleName=role)["PolicyNames"]
        assert len(attached) == 1 and not inline, (attached, inline)
        arn = attached[0]["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return statements(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])

    profile = iam.get_instance_profile(InstanceProfileName=outputs["InstanceProfile"])["InstanceProfile"]
    groups = client("logs").describe_log_groups(logGroupNamePrefix=outputs["LogGroup"])["logGroups"]
    volumes = client("ec2").describe_volumes()["Volumes"]
    found = {
        "status": stack["StackStatus"],
        "outputs": outputs,
        "trust": statements(bedrock["AssumeRolePolicyDocument"]),
        "access": permissions(bedrock["RoleName"]),
        "serverTrust": statements(server["AssumeRolePolicyDocument"]),
        "serverPolicy": permissions(server["RoleName"]),
        "boundaries": [role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn") for role in (bedrock, server)],
        "longestSession": bedrock["MaxSessionDuration"],
        "profileRoles": [role["Arn"] for role in profile["Roles"]],
        "logDays": [group.get("retentionInDays") for group in groups],
        "volumes": [{"id": v["VolumeId"], "size": v["Size"], "encrypted": v["Encrypted"], "type": v["VolumeType"],
                     "zone": v["AvailabilityZone"],
                     "tags": {tag["Key"]: tag["Value"] for tag in v.get("Tags", [])
                              if not tag["Key"].startswith("aws:")}} for v in volumes],
        "tags": {tag["Key"]: tag["Value"] for tag in bedrock.get("Tags", [])
                 if not tag["Key"].startswith("aws:")},
    }
    formation.delete_stack(StackName="bursar")
    assert not iam.list_roles()["Roles"] and not iam.list_policies(Scope="Local")["Policies"]
    found["volumesLeft"] = len(client("ec2").describe_volumes()["Volumes"])
    return found



def server():
    mend()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = ThreadedMotoServer(port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    return f"http://127.0.0.1:{port}"


cases = json.load(sys.stdin)
if sys.argv[1] == "regions":
    print(json.dumps(sorted(REGIONS)))
elif sys.argv[1] == "lint":
    print(json.dumps([finding for case in cases for finding in lint(case)]))
else:
    url, outcomes = server(), []
    for case in cases:
        outcomes.append(deploy(case, url))
        urllib.request.urlopen(urllib.request.Request(url + "/moto-api/reset", method="POST"), timeout=600).read()
    print(json.dumps(outcomes))
