"""Asks the server for creators, with nothing but Python's standard library (3.9 or newer)."""

import json
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def ask(url, query, variables=None, headers=None):
    """Sends one operation. `headers` are for Authorization: Bearer KEY, and for a dry run, x-dry-run: 1."""
    body = json.dumps({"query": query, "variables": variables or {}}).encode()
    request = Request(url, body, {"Content-Type": "application/json", **(headers or {})})
    try:
        with urlopen(request, timeout=300) as response:
            return json.load(response)
    except HTTPError as refusal:
        # A refusal, such as 401, has its reason in `errors`, too.
        return json.load(refusal)


# Upstream may have billed the call that failed so, and may bill the next one.
MAYBE_BILLED = {"UPSTREAM_TIMEOUT", "UPSTREAM_INVALID_RESPONSE", "UPSTREAM_REJECTED"}


def creators(send, ids):
    """
    Yields (id, creator, errors) for any number of ids. `send` takes the variables of a query with `creators(ids: $ids)`, and
    returns its answer. Each operation has 100 ids, or as many as its calls allow. If failures may pass within a minute, it is
    sent up to three times, which pays for the failed sections alone; but not if one of them may have been billed.
    """
    done, size, tries = 0, 100, 1
    while done < len(ids):
        chunk = ids[done : done + size]
        answer = send({"ids": chunk})
        errors = answer.get("errors", [])
        reasons = [error.get("extensions", {}) for error in errors]
        too_many = next((reason for reason in reasons if reason.get("code") == "QUERY_TOO_EXPENSIVE"), None)
        waits = [reason.get("retryAfterSeconds", 1) for reason in reasons if reason.get("retryable")]
        uncertain = answer.get("extensions", {}).get("cost", {}).get("uncertainCalls", 0)
        unbilled = not uncertain and MAYBE_BILLED.isdisjoint(reason.get("code") for reason in reasons)
        if too_many and len(chunk) > 1:
            size = max(1, len(chunk) * too_many["maxCalls"] // too_many["plannedCalls"])
        elif waits and unbilled and max(waits) <= 60 and tries < 3:
            tries += 1
            time.sleep(max(waits))
        elif not answer.get("data"):
            raise RuntimeError(errors[0]["message"])
        else:
            for at, (id, creator) in enumerate(zip(chunk, answer["data"]["creators"])):
                yield id, creator, [error for error in errors if error.get("path", [])[1:2] == [at]]
            done, tries = done + len(chunk), 1
