"""Gives moto what CloudFormation does and it doesn't. Seen with moto 5.2.1.

Managed policies change and go with their stack: moto makes them, leaves them as they were when a template changes, and,
when the stack is deleted, leaves them on their roles, which it then refuses to delete. AWS::Partition is the region's:
moto says aws everywhere.
"""

import json

from moto.cloudformation import models, parsing
from moto.iam.models import ManagedPolicy, PolicyVersion, iam_backends
from moto.utilities.utils import get_partition


def update(original_resource, new_resource_name, cloudformation_json, account_id, region_name):
    number = len(original_resource.versions) + 1
    for version in original_resource.versions:
        version.is_default = False
    document = json.dumps(cloudformation_json["Properties"]["PolicyDocument"])
    original_resource.versions.append(
        PolicyVersion(original_resource.arn, document, is_default=True, version_id=f"v{number}"))
    original_resource.default_version_id = f"v{number}"
    return original_resource


def delete(resource_name, cloudformation_json, account_id, region_name):
    backend = iam_backends[account_id][get_partition(region_name)]
    for arn in [arn for arn in backend.managed_policies if arn == resource_name or arn.endswith("/" + resource_name)]:
        for role in backend.roles.values():
            role.managed_policies.pop(arn, None)
        del backend.managed_policies[arn]


class ResourceMap(parsing.ResourceMap):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self._parsed_resources["AWS::Partition"] = get_partition(self._region_name)


def mend():
    """Has to be called before the first stack is made."""
    ManagedPolicy.update_from_cloudformation_json = staticmethod(update)
    ManagedPolicy.delete_from_cloudformation_json = staticmethod(delete)
    models.ResourceMap = ResourceMap
