"""Prints botocore's partitions as JSON: [{id, regions, domain, dual, home}]; isolated ones too."""

import json

import botocore.session

partitions = botocore.session.Session().get_component("data_loader").load_data("partitions")["partitions"]
print(json.dumps([
    {"id": one["id"], "regions": sorted(r for r in one["regions"] if not r.endswith("-global")),
     "domain": one["outputs"]["dnsSuffix"], "dual": one["outputs"]["dualStackDnsSuffix"],
     "home": one["outputs"]["implicitGlobalRegion"]} for one in partitions]))
