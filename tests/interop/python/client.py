"""What python-socketio makes of a test node, as one JSON object on stdout.

    client.py URL websocket|polling|upgrade default|msgpack
"""
import json
import sys
import threading

import socketio

url, over, serializer = sys.argv[1:]
transports = {"websocket": ["websocket"], "polling": ["polling"], "upgrade": ["polling", "websocket"]}[over]
WAIT = 10  # seconds


def plain(value):
    if isinstance(value, (bytes, bytearray)):
        return {"hex": bytes(value).hex()}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


class Peer:
    """A client that keeps the events of each namespace."""

    def __init__(self):
        self.client = socketio.Client(reconnection=False, serializer=serializer)
        self.events = []
        self.news = threading.Condition()
        for namespace in ("/", "/custom", "/auth", "/missing"):
            self.client.on("*", self.recorder(namespace), namespace=namespace)
            self.client.on("connect_error", self.recorder(namespace, "connect_error"), namespace=namespace)
            self.client.on("disconnect", self.recorder(namespace, "disconnect"), namespace=namespace)

    def recorder(self, namespace, name=None):
        def record(*args):
            with self.news:
                self.events.append([namespace, *([name] if name else []), *plain(args)])
                self.news.notify_all()

        return record

    def connect(self, namespaces, auth=None):
        self.client.connect(url, transports=transports, namespaces=namespaces, auth=auth, wait_timeout=WAIT)
        return self

    def next(self, namespace, name):
        """Takes out the first event of that name."""

        def found():
            return next((event for event in self.events if event[:2] == [namespace, name]), None)

        with self.news:
            if not self.news.wait_for(found, WAIT):
                raise TimeoutError(f"{name} in {namespace}; there were {self.events}")
            event = found()
            self.events.remove(event)
            return event[2:]


values = [1, -1, 1.5, "two", "ä 日本 😀", None, True, [1, [2]], {"three": {"four": []}}]
binary = [b"", b"\x00\x01\xff", {"deep": [b"bytes", "text"]}]

first = Peer().connect(["/", "/custom"], auth={"token": "t"})
second = Peer().connect(["/"])
report = {
    "transport": first.client.transport(),
    "welcome": [first.next("/", "auth"), first.next("/custom", "auth")],
    "ack": plain(first.client.call("message-with-ack", tuple(values), timeout=WAIT)),
    "binary ack": plain(first.client.call("message-with-ack", tuple(binary), timeout=WAIT)),
}
for name, args in {"event": values, "binary event": binary}.items():
    first.client.emit("message", tuple(args), namespace="/custom")
    report[name] = first.next("/custom", "message-back")

second.next("/", "auth")
second.client.call("join", "room", timeout=WAIT)
first.client.emit("say", ("room", "hello", b"\x01"))
report["said"] = second.next("/", "said")

# by polling the client takes 16 packets at once and no more, and each is handed on by a thread of its own
came = []
for ten in range(0, 200, 10):
    for number in range(ten, ten + 10):
        first.client.emit("message", number)
    came += [first.next("/", "message-back") for _ in range(10)]
report["all"] = sorted(came) == [[number] for number in range(200)]

first.client.emit("bye", False, namespace="/custom")
report["disconnect"] = len(first.next("/custom", "disconnect")) > 0
report["the other one"] = first.client.call("echo", "still here", timeout=WAIT)

for namespace, auth in {"/auth": {"token": "wrong"}, "/missing": None}.items():
    refused = Peer()
    try:
        refused.connect([namespace], auth)
        report[namespace] = "connected"
    except socketio.exceptions.ConnectionError:
        report[namespace] = refused.next(namespace, "connect_error")
    refused.client.disconnect()

for peer in (first, second):
    peer.client.disconnect()
print(json.dumps(report))
