#!/usr/bin/env python3
"""Deploys infra/template.yaml with CloudFormation, to AWS or to the local cloud.

It does the same in both places: packages go to a bucket under a prefix named by the digest of their
content, the stack is created or updated, and its events are followed to the end. What has not
changed is neither uploaded nor updated, so running it again costs a few requests.

Progress goes to standard error; the stack's outputs go to standard output as one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterable, NoReturn

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, NoCredentialsError

TEMPLATE = Path(__file__).resolve().parent / "template.yaml"
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
POLL_INTERVAL_S = 3.0
POLL_INTERVAL_LOCAL_S = 0.2
DIGEST_LENGTH = 16
# Deletes a deployment's packages once nothing has used their prefix for this long; the running
# functions keep their own copy.
CODE_EXPIRATION_DAYS = 365
# Reasons that only say that something else failed first.
CONSEQUENCES = ("cancelled", "Rollback requested by user", "The following resource(s) failed")


class DeployError(Exception):
    """Something the user can act on; its text is all that is shown."""


@dataclass
class Progress:
    """Lines on standard error, each with the seconds since the start."""

    quiet: bool = False
    started: float = field(default_factory=time.monotonic)

    def say(self, text: str) -> None:
        print(f"[{time.monotonic() - self.started:6.1f}s] {text}", file=sys.stderr, flush=True)

    def detail(self, text: str) -> None:
        if not self.quiet:
            self.say(text)


@dataclass
class Cloud:
    """The clients of one account and region."""

    region: str
    endpoint_url: str | None
    cloudformation: Any
    s3: Any
    sts: Any

    @classmethod
    def connect(cls, region: str, endpoint_url: str | None) -> Cloud:
        # Virtual-hosted bucket names do not resolve against a local endpoint.
        style = {"addressing_style": "path"} if endpoint_url else {}
        config = Config(
            connect_timeout=5, read_timeout=60, retries={"mode": "standard", "max_attempts": 5}, s3=style
        )
        session = boto3.Session(region_name=region)

        def client(name: str) -> Any:
            return session.client(name, endpoint_url=endpoint_url, config=config)

        return cls(region, endpoint_url, client("cloudformation"), client("s3"), client("sts"))

    @property
    def poll_interval_s(self) -> float:
        return POLL_INTERVAL_LOCAL_S if self.endpoint_url else POLL_INTERVAL_S


# ------------------------------------------------------------------ packages


def packages_in(folder: Path) -> list[Path]:
    packages = sorted(folder.glob("*.zip"))
    if not packages:
        raise DeployError(f"no packages (*.zip) in {folder}: run scripts/build first")
    return packages


def digest_of(packages: Iterable[Path]) -> str:
    """One digest over names and contents: it changes when any package does."""
    digest = hashlib.sha256()
    for package in packages:
        digest.update(package.name.encode())
        digest.update(hashlib.sha256(package.read_bytes()).digest())
    return digest.hexdigest()[:DIGEST_LENGTH]


def ensure_bucket(cloud: Cloud, name: str, progress: Progress) -> None:
    try:
        cloud.s3.head_bucket(Bucket=name)
        return
    except ClientError as error:
        if status_of(error) == 403:
            raise DeployError(f"bucket {name} belongs to someone else; name another with --code-bucket") from error
        if status_of(error) != 404:
            raise
    progress.say(f"creating bucket {name}")
    # us-east-1 is the one region that S3 refuses to be told.
    where = {} if cloud.region == "us-east-1" else {
        "CreateBucketConfiguration": {"LocationConstraint": cloud.region}
    }
    cloud.s3.create_bucket(Bucket=name, **where)
    cloud.s3.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration=dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
        ),
    )
    cloud.s3.put_bucket_lifecycle_configuration(
        Bucket=name,
        LifecycleConfiguration={"Rules": [{
            "ID": "forget-old-packages", "Status": "Enabled", "Filter": {"Prefix": ""},
            "Expiration": {"Days": CODE_EXPIRATION_DAYS},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        }]},
    )


def upload_once(cloud: Cloud, bucket: str, key: str, body: bytes, progress: Progress) -> None:
    """Keys are named by content, so an object that is there is the right one."""
    try:
        cloud.s3.head_object(Bucket=bucket, Key=key)
        return
    except ClientError as error:
        if status_of(error) != 404:
            raise
    progress.say(f"uploading {key} ({len(body) / 1024:.0f} KiB)")
    cloud.s3.put_object(Bucket=bucket, Key=key, Body=body)


def upload(cloud: Cloud, bucket: str, packages: list[Path], template: Path, progress: Progress) -> tuple[str, str]:
    """Uploads what is missing; returns the packages' prefix and the template's URL."""
    ensure_bucket(cloud, bucket, progress)
    prefix = f"functions/{digest_of(packages)}"
    for package in packages:
        upload_once(cloud, bucket, f"{prefix}/{package.name}", package.read_bytes(), progress)
    body = template.read_bytes()
    # By way of the bucket, because a template sent along with the request may have 51,200 bytes only.
    key = f"templates/{hashlib.sha256(body).hexdigest()[:DIGEST_LENGTH]}.yaml"
    upload_once(cloud, bucket, key, body, progress)
    base = cloud.endpoint_url.rstrip("/") + f"/{bucket}" if cloud.endpoint_url else (
        f"https://{bucket}.s3.{cloud.region}.{cloud.s3.meta.endpoint_url.split('.', 2)[2]}"
    )
    return prefix, f"{base}/{key}"


# ------------------------------------------------------------------ stack


def find_stack(cloud: Cloud, name: str) -> dict[str, Any] | None:
    try:
        return cloud.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in message_of(error):
            return None
        raise


def parameters_for(
    cloud: Cloud, template_url: str, stack: dict[str, Any] | None, given: dict[str, str]
) -> list[dict[str, Any]]:
    """What was given; for the rest, what the stack has already (else the template's default)."""
    declared = cloud.cloudformation.get_template_summary(TemplateURL=template_url)["Parameters"]
    names = {parameter["ParameterKey"] for parameter in declared}
    unknown = sorted(set(given) - names)
    if unknown:
        raise DeployError(
            f"the template has no parameter {', '.join(unknown)}; it has: {', '.join(sorted(names))}"
        )
    kept = {parameter["ParameterKey"] for parameter in (stack or {}).get("Parameters", [])} & names - set(given)
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in sorted(given.items())] + [
        {"ParameterKey": key, "UsePreviousValue": True} for key in sorted(kept)
    ]


def deploy(cloud: Cloud, name: str, template_url: str, given: dict[str, str], progress: Progress) -> None:
    stack = find_stack(cloud, name)
    if stack and stack["StackStatus"] in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"):
        progress.say(f"removing what is left of a failed first deployment ({stack['StackStatus']})")
        change(cloud, stack["StackId"], progress, lambda: cloud.cloudformation.delete_stack(StackName=name))
        stack = None
    if stack and stack["StackStatus"].endswith("_IN_PROGRESS"):
        raise DeployError(f"stack {name} is busy ({stack['StackStatus']}): try again when that is done")

    request = {
        "StackName": name,
        "TemplateURL": template_url,
        "Capabilities": CAPABILITIES,
        "Parameters": parameters_for(cloud, template_url, stack, given),
        "Tags": [{"Key": "application", "Value": "copilot"}],
    }
    if stack is None:
        progress.say(f"creating stack {name}")
        change(cloud, name, progress, lambda: cloud.cloudformation.create_stack(**request))
        return
    try:
        change(cloud, stack["StackId"], progress, lambda: cloud.cloudformation.update_stack(**request))
    except ClientError as error:
        if "No updates are to be performed" not in message_of(error):
            raise
        progress.say(f"stack {name} is up to date")


def events_of(cloud: Cloud, stack: str) -> list[dict[str, Any]]:
    """The newest page of events, oldest first; none for a stack that does not exist yet."""
    try:
        return cloud.cloudformation.describe_stack_events(StackName=stack)["StackEvents"][::-1]
    except ClientError as error:
        if "does not exist" in message_of(error):
            return []
        raise


def change(cloud: Cloud, stack: str, progress: Progress, begin: Callable[[], Any]) -> None:
    """Begins a change of the stack and follows it to its end; raises if that is not success."""
    seen = {event["EventId"] for event in events_of(cloud, stack)}
    answer = begin()
    # By id from here on: a deleted stack is no longer found by its name.
    stack_id = answer.get("StackId", stack)
    failures: list[str] = []
    while True:
        for event in events_of(cloud, stack_id):
            if event["EventId"] in seen:
                continue
            seen.add(event["EventId"])
            report(event, progress, failures)
        status = cloud.cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]
        if not status.endswith("_IN_PROGRESS"):
            break
        time.sleep(cloud.poll_interval_s)
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"):
        reasons = "\n".join(f"  - {failure}" for failure in failures) or "  - CloudFormation gave no reason"
        raise DeployError(f"the deployment failed and was rolled back ({status}):\n{reasons}")


def report(event: dict[str, Any], progress: Progress, failures: list[str]) -> None:
    status = event["ResourceStatus"]
    reason = event.get("ResourceStatusReason", "")
    what = f"{event['LogicalResourceId']} ({event['ResourceType']})"
    if status.endswith("_FAILED"):
        if not any(consequence in reason for consequence in CONSEQUENCES):
            failures.append(f"{what}: {reason or status}")
        progress.say(f"{status} {what} {reason}".rstrip())
    elif status.endswith("_COMPLETE"):
        progress.detail(f"{status} {what}")


def outputs_of(cloud: Cloud, name: str) -> dict[str, str]:
    stack = cloud.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


# ------------------------------------------------------------------ command line


def message_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message", error))


def status_of(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def key_value(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return key, value


def parameters_given(options: argparse.Namespace) -> dict[str, str]:
    given = dict(options.parameter)
    for name, variable in options.parameter_from_env:
        if variable not in os.environ:
            raise DeployError(f"parameter {name}: the environment variable {variable} is not set")
        given[name] = os.environ[variable]
    return given


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  deploy.py --stack copilot --region eu-west-1 --code target/lambda \\\n"
        "      --parameter PrometheusUrl=https://prometheus.example.com --parameter ModelId=amazon.nova-lite-v1:0",
    )
    parser.add_argument("--stack", required=True, metavar="NAME", help="name of the stack")
    parser.add_argument(
        "--region", default=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        help="where to deploy (default: AWS_REGION)",
    )
    parser.add_argument("--code", required=True, type=Path, metavar="DIR", help="folder of the packages that scripts/build made")
    parser.add_argument("--endpoint-url", metavar="URL", help="a local cloud instead of AWS")
    parser.add_argument("--template", type=Path, default=TEMPLATE, metavar="FILE", help="default: infra/template.yaml")
    parser.add_argument(
        "--code-bucket", metavar="NAME", help="bucket for packages, made if missing (default: copilot-code-<account>-<region>)"
    )
    parser.add_argument(
        "--parameter", type=key_value, action="append", default=[], metavar="NAME=VALUE",
        help="a parameter of the template; repeatable. What is not given stays as the stack has it",
    )
    parser.add_argument(
        "--parameter-from-env", type=key_value, action="append", default=[], metavar="NAME=VARIABLE",
        help="a parameter whose value is in an environment variable; for secrets, which a command line would show",
    )
    parser.add_argument("--quiet", action="store_true", help="do not list resources as they are done")
    options = parser.parse_args(arguments)
    if not options.region:
        parser.error("no region: give --region or set AWS_REGION")
    return options


def run(options: argparse.Namespace, progress: Progress) -> dict[str, str]:
    cloud = Cloud.connect(options.region, options.endpoint_url)
    packages = packages_in(options.code)
    account = cloud.sts.get_caller_identity()["Account"]
    bucket = options.code_bucket or f"copilot-code-{account}-{options.region}"
    prefix, template_url = upload(cloud, bucket, packages, options.template, progress)
    given = parameters_given(options) | {"CodeBucket": bucket, "CodePrefix": prefix}
    deploy(cloud, options.stack, template_url, given, progress)
    return outputs_of(cloud, options.stack)


def fail(text: str, code: int = 1) -> NoReturn:
    print(f"error: {text}", file=sys.stderr)
    sys.exit(code)


def main() -> None:
    options = parse(sys.argv[1:])
    progress = Progress(options.quiet)
    try:
        outputs = run(options, progress)
    except DeployError as error:
        fail(str(error))
    except NoCredentialsError:
        fail("no AWS credentials: run `aws configure sso` or `aws login`, or set AWS_PROFILE")
    except EndpointConnectionError as error:
        fail(f"{error}: is the local cloud running?" if options.endpoint_url else str(error))
    except (ClientError, BotoCoreError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("no longer following; the deployment itself goes on in CloudFormation", 130)
    progress.say("done")
    print(json.dumps(outputs, indent=2, sort_keys=True))


if __name__ == "__main__":
    main()
