import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USERS = [
    {
        "email": f" User{n % 50}@Example.com",
        "name": None if n % 25 == 7 else f"User {n % 50}",
        "location": {"city": "Bern" if n % 2 else "Oslo", "zip": "3000"},
        "signed_up": f"2026-10-{n % 28 + 1:02d}T23:30:00+00:00",
    }
    for n in range(60)
]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"results": USERS}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
