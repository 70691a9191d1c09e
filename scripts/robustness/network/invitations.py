"""Changes of the endpoint in an invitation."""

import base64
import json

PREFIX = "tributary-invitation-1."


def content(text):
    """Parses the text of an invitation."""
    encoded = text.strip().removeprefix(PREFIX)
    return json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))


def readdressed(text, endpoint):
    """Returns the text of an invitation with another endpoint."""
    changed = json.dumps({**content(text), "endpoint": endpoint}, separators=(",", ":"))
    return PREFIX + base64.urlsafe_b64encode(changed.encode()).decode().rstrip("=") + "\n"
