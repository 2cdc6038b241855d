"""Prints botocore's endpoint for each service, region and variant, as JSON: [[service, region, fips, dual, url or null]]."""

import json
import logging

import botocore.session
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError

logging.disable(logging.CRITICAL)
SERVICES = {"sts": "sts", "iam": "iam", "cloudformation": "cloudformation", "bedrock": "bedrock",
            "bedrock-runtime": "bedrock-runtime", "sso": "portal.sso", "sso-oidc": "oidc",
            "secretsmanager": "secretsmanager", "ec2": "ec2", "logs": "logs"}
REGIONS = ["us-east-1", "us-west-2", "eu-central-1", "ap-southeast-4", "us-gov-west-1", "us-gov-east-1", "cn-north-1",
           "cn-northwest-1", "eusc-de-east-1"]

loader = botocore.session.Session().get_component("data_loader")
partitions = loader.load_data("partitions")
rows = []
for service, name in SERVICES.items():
    provider = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)
    for region in REGIONS:
        for fips in (False, True):
            for dual in (False, True):
                asked = {"Region": region, "UseFIPS": fips, "UseDualStack": dual}
                if service == "sts":
                    asked["UseGlobalEndpoint"] = False
                try:
                    url = provider.resolve_endpoint(**asked).url
                except EndpointProviderError:
                    url = None
                rows.append([name, region, fips, dual, url])
print(json.dumps(rows))
