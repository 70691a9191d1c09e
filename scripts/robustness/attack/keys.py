"""Invitations, and the keys in them, for sockets of pyzmq."""

import base64
import dataclasses
import json
import pathlib

PREFIX = "tributary-invitation-1."


@dataclasses.dataclass
class Entry:
    """A server's endpoint; with keys if it requires CURVE."""

    endpoint: str
    name: str = ""
    role: str = "worker"
    server: str = ""
    public: str = ""
    secret: str = ""

    def protect(self, socket):
        """Sets the keys of a socket that is not connected yet."""
        if self.server:
            socket.curve_serverkey = self.server.encode()
            socket.curve_publickey = self.public.encode()
            socket.curve_secretkey = self.secret.encode()


def parsed(text, source):
    """The entry that an invitation contains."""
    text = text.strip()
    try:
        if not text.startswith(PREFIX):
            raise ValueError
        data = text.removeprefix(PREFIX)
        values = json.loads(base64.urlsafe_b64decode(data + "=" * (-len(data) % 4)))
        values["endpoint"] = values["endpoints"][0]
        return Entry(**{key: values[key] for key in Entry.__dataclass_fields__})
    except (ValueError, KeyError, TypeError, IndexError):
        raise SystemExit(f"{source} is not an invitation ({PREFIX}…)") from None


def entry(word):
    """The entry for an endpoint, the file of an invitation, or its text."""
    if word.startswith(("tcp://", "ipc://")):
        return Entry(word)
    if word.startswith(PREFIX):
        return parsed(word, "the text")
    try:
        return parsed(pathlib.Path(word).read_text(), word)
    except OSError as error:
        raise SystemExit(f"{word}: {error.strerror}") from error
