"""Whether a request comes from HubSpot: the signature of the version that it names, over what that version covers.

HubSpot's own Python client accepts times in the future and does not decode the address; both are checked here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta

from kairo.stages.revenue.contracts.deals import SignedRequest

TOLERANCE = timedelta(minutes=5)
V3, VERSION, OLD, TIMESTAMP = (
    "x-hubspot-signature-v3",
    "x-hubspot-signature-version",
    "x-hubspot-signature",
    "x-hubspot-request-timestamp",
)
# The only escapes that HubSpot decodes before it signs (developers.hubspot.com, "Validating requests").
_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(", "%29": ")",
    "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
_ESCAPE = re.compile("|".join(_DECODED), re.IGNORECASE)


def decoded_uri(uri: str) -> str:
    """Return an address as HubSpot signs it; a fragment is no part of it."""
    return _ESCAPE.sub(lambda found: _DECODED[found[0].upper()], uri.partition("#")[0])


def why_refused(request: SignedRequest, secret: str, *, at: datetime) -> str | None:
    """Return why a request is not trusted, or None where it is.

    The version that is sent is the one that is checked: where a v3 signature is there, an older one beside it is never
    looked at.
    """
    headers = request.headers
    if V3 in headers:
        late = _why_untimely(headers.get(TIMESTAMP, ""), at)
        if late:
            return late
        expected = signature_v3(request, secret, headers[TIMESTAMP])
        return _compared(expected, headers[V3])
    version, sent = headers.get(VERSION, ""), headers.get(OLD, "")
    if not sent:
        return "the request is not signed"
    if TIMESTAMP in headers and (late := _why_untimely(headers[TIMESTAMP], at)):
        return late
    if version == "v1":
        return _compared(_sha256(secret.encode() + request.body), sent)
    if version == "v2":
        signed = secret.encode() + request.method.encode() + request.uri.encode() + request.body
        return _compared(_sha256(signed), sent)
    return "the signature's version is not one of v1, v2 and v3"


def version_of(request: SignedRequest) -> int | None:
    """Return the version of the signature that is checked, or None where there is none."""
    if V3 in request.headers:
        return 3
    return {"v1": 1, "v2": 2}.get(request.headers.get(VERSION, "")) if request.headers.get(OLD) else None


def signature_of(request: SignedRequest) -> str:
    """Return the signature that is checked."""
    return request.headers.get(V3) or request.headers.get(OLD, "")


def signature_v3(request: SignedRequest, secret: str, timestamp: str) -> str:
    """Return the signature of version 3."""
    signed = request.method.encode() + decoded_uri(request.uri).encode() + request.body + timestamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def _sha256(signed: bytes) -> str:
    return hashlib.sha256(signed).hexdigest()


def _compared(expected: str, sent: str) -> str | None:
    is_equal = hmac.compare_digest(expected.encode(), sent.encode("utf-8", "replace"))
    return None if is_equal else "the signature does not fit"


def _why_untimely(timestamp: str, at: datetime) -> str | None:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 15):
        return "the timestamp is not a number of milliseconds"
    apart = timedelta(milliseconds=abs(at.timestamp() * 1000 - int(timestamp)))
    return "the timestamp is more than five minutes away from now" if apart > TOLERANCE else None
