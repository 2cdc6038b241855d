"""A Bedrock whose models answer as AWS's documentation and its users say that they do; moto's answers 500.

Each model's name says what becomes of an invocation. GET /asked answers which models were invoked, in order.
"""

import http.server
import json
import urllib.parse

ON_DEMAND, PROFILE = ["ON_DEMAND"], ["INFERENCE_PROFILE"]
MODELS = {
    "acme.works-v1:0": ON_DEMAND,
    "acme.profiled-v1:0": PROFILE,
    "acme.global-v1:0": PROFILE,
    "acme.provisioned-v1:0": ["PROVISIONED"],
    "acme.unsubscribed-v1:0": ON_DEMAND,
    "acme.form-v1:0": ON_DEMAND,
    "acme.denied-v1:0": ON_DEMAND,
    "acme.forbidden-v1:0": ON_DEMAND,
    "acme.throttled-v1:0": ON_DEMAND,
    "acme.ondemand-v1:0": ON_DEMAND,
    "acme.gone-v1:0": ON_DEMAND,
    "acme.invalid-v1:0": ON_DEMAND,
    "acme.odd-v1:0": ON_DEMAND,
    "acme.timeout-v1:0": ON_DEMAND,
    "expired.model-v1:0": ON_DEMAND,
}
PROFILES = {
    "global.acme.profiled-v1:0": "acme.profiled-v1:0",
    "us.acme.profiled-v1:0": "acme.profiled-v1:0",
    "global.acme.global-v1:0": "acme.global-v1:0",
}
REFUSALS = {
    "unsubscribed": (403, "AccessDeniedException", "Model access is denied due to IAM user or service role is not "
                     "authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, "
                     "aws-marketplace:Subscribe) to enable access to this model. Refer to the Amazon Bedrock "
                     "documentation for further details. Your AWS Marketplace subscription for this model cannot be "
                     "completed at this time. If you recently fixed this issue, try again after 2 minutes."),
    "form": (404, "ResourceNotFoundException", "Model use case details have not been submitted for this account. Fill "
             "out the Anthropic use case details form before using the model. If you have already filled out the "
             "form, try again in 15 minutes."),
    "denied": (403, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/operator is not authorized to "
               "perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1::foundation-model/x"),
    "forbidden": (403, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/operator is not authorized to "
                  "perform: bedrock:InvokeModel with an explicit deny in a service control policy"),
    "throttled": (429, "ThrottlingException", "Too many tokens per day, please wait before trying again."),
    "ondemand": (400, "ValidationException", "Invocation of model ID acme.ondemand-v1:0 with on-demand throughput isn't "
                 "supported. Retry your request with the ID or ARN of an inference profile that contains this model."),
    "gone": (404, "ResourceNotFoundException", "This model version has reached the end of its life."),
    "invalid": (400, "ValidationException", "The provided model identifier is invalid."),
    "odd": (400, "ValidationException", "This action doesn't support the model that you provided."),
    "timeout": (408, "ModelTimeoutException", "The request took too long to process."),
    "model": (403, "ExpiredTokenException", "The security token included in the request is expired"),
}
asked = []


def summary(name, inference):
    return {"modelArn": f"arn:aws:bedrock:us-east-1::foundation-model/{name}", "modelId": name,
            "inputModalities": ["TEXT"], "outputModalities": ["IMAGE" if "image" in name else "TEXT"],
            "inferenceTypesSupported": inference,
            "modelLifecycle": {"status": "LEGACY" if "legacy" in name else "ACTIVE"}}


class Bedrock(http.server.BaseHTTPRequestHandler):
    def respond(self, status, body, code=None):
        data = json.dumps(body).encode()
        self.send_response(status)
        if code:
            self.send_header("x-amzn-ErrorType", code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/foundation-models":
            names = MODELS | {"acme.image-v1:0": ON_DEMAND, "acme.legacy-v1:0": ON_DEMAND}
            names |= {f"many.model-{number}": ON_DEMAND for number in range(51)}
            self.respond(200, {"modelSummaries": [summary(*item) for item in names.items()]})
        elif path == "/inference-profiles":
            self.respond(200, {"inferenceProfileSummaries": [
                {"inferenceProfileId": name, "inferenceProfileName": name, "type": "SYSTEM_DEFINED", "status": "ACTIVE",
                 "inferenceProfileArn": f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/{name}",
                 "models": [{"modelArn": f"arn:aws:bedrock:us-east-1::foundation-model/{model}"}]}
                for name, model in PROFILES.items()]})
        else:
            self.respond(200, asked)

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert request["inferenceConfig"] == {"maxTokens": 1}, request
        model = urllib.parse.unquote(self.path.split("/")[2])
        asked.append(model)
        kind = model.split(".")[-1].split("-")[0]
        if kind in REFUSALS:
            status, code, message = REFUSALS[kind]
            return self.respond(status, {"message": message}, code)
        self.respond(200, {"output": {"message": {"role": "assistant", "content": [{"text": "H"}]}},
                           "stopReason": "max_tokens", "usage": {"inputTokens": 8, "outputTokens": 1}})

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bedrock)
print("listening", server.server_port, flush=True)
server.serve_forever()
