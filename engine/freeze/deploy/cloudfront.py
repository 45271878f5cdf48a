"""The copies that a distribution of CloudFront keeps of a bucket: the only module that imports boto3.

Source: docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide, "What you need to know when invalidating files"
(where a function changes what was asked, both addresses count) and "Paying for file invalidation" (each path counts).
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Collection, Iterator
from typing import Any

from engine.errors import EngineError
from engine.routing.paths import quote
from engine.routing.route import Slash

MOST = 500
"""More paths than these are one: everything. AWS takes 3,000 at a time, and money for those above 1,000 a month."""
EVERYTHING = "/*"
INDEX, PAGE = "index.html", ".html"


class CloudFront:
    """A distribution, by its id. Raises `EngineError` where boto3 is not installed."""

    def __init__(self, distribution: str) -> None:
        try:
            boto3: Any = importlib.import_module("boto3")
        except ImportError as error:
            what = f"{error.name} is not installed. Install it: pip install 'pages-engine[cloudfront]'"
            raise EngineError(what) from None
        self._distribution = distribution
        # The name that the buckets' library reads too; boto3 itself knows others.
        self._client = boto3.client("cloudfront", region_name=os.environ.get("AWS_REGION"))

    def forget(self, addresses: Collection[str]) -> None:
        """Make it ask for these again. Raises `EngineError` where it does not take that."""
        batch = {
            "Paths": {"Quantity": len(addresses), "Items": list(addresses)},
            "CallerReference": f"engine-{time.time_ns()}",
        }
        try:
            self._client.create_invalidation(DistributionId=self._distribution, InvalidationBatch=batch)
        except Exception as error:  # botocore makes the classes of its errors as it runs
            said = " ".join(str(error).split())
            raise EngineError(f"CloudFront {self._distribution}: {said[:600]}") from error


def addresses_of(paths: Collection[str], base_path: str, slash: Slash) -> list[str]:
    """The addresses of CloudFront that files of the output may be kept by, sorted, or all where they are too many."""
    found = sorted({address for path in paths for address in _addresses(path, base_path, slash)})
    return found if len(found) <= MOST else [EVERYTHING]


def _addresses(path: str, base_path: str, slash: Slash) -> Iterator[str]:
    quoted = "/" + quote(path)
    yield quoted  # as the function that `engine host cloudfront` writes asks the bucket
    yield base_path + quoted
    if quoted.endswith("/" + INDEX):
        yield base_path + quoted.removesuffix(INDEX)
    elif slash == "never":
        yield base_path + quoted.removesuffix(PAGE)
