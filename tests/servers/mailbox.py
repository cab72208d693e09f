"""A mail server on loopback, as far as a letter needs one: it keeps what it is sent, or refuses it."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage


class Mailbox:
    """SMTP (RFC 5321) without TLS or login; with `refusing`, it takes no letter."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refusing = False
        mailbox = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say("220 mailbox.example")
                while line := self.rfile.readline():
                    verb = line[:4].upper()
                    if verb == b"QUIT":
                        self._say("221 bye")
                        return
                    if verb == b"RCPT" and mailbox.refusing:
                        self._say("550 no such mailbox")
                    elif verb == b"DATA":
                        self._say("354 go on")
                        self._take()
                    else:
                        self._say("250 ok")

            def _take(self) -> None:
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line.removeprefix(b"."))
                letter = message_from_bytes(b"".join(lines), policy=policy.default)
                assert isinstance(letter, EmailMessage)
                mailbox.letters.append(letter)
                self._say("250 taken")

            def _say(self, text: str) -> None:
                self.wfile.write(text.encode() + b"\r\n")

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> "Mailbox":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
