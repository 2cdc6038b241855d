"""Prints botocore's database tokens for the cases in a JSON file, one JSON array."""
import datetime
import json
import sys

import botocore.auth
import botocore.compat
import botocore.session


def token(case: dict) -> str:
    moment = datetime.datetime.fromtimestamp(case["seconds"], datetime.timezone.utc).replace(tzinfo=None)
    botocore.auth.get_current_datetime = lambda *_, **__: moment
    session = botocore.session.Session()
    session.set_credentials(case["accessKeyID"], case["secretAccessKey"], case.get("sessionToken"))
    client = session.create_client("rds", region_name=case["region"])
    return client.generate_db_auth_token(case["host"], case["port"], case["user"])


with open(sys.argv[1], encoding="utf-8") as file:
    print(json.dumps([token(case) for case in json.load(file)]))
