"""The baselines: a Flask route that does nothing but talk, and a WSGI route without even Flask.

`app` parses the same JSON as the hot routes and answers as much of it; or renders a trivial template. No session,
no database, no headers of its own. `null` shows what the server and the load generator can do without a framework.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader

app = Flask(__name__)

PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{{ title }}</title></head>
<body><h1>{{ title }}</h1><ul>{% for line in lines %}<li>{{ line }}</li>{% endfor %}</ul></body></html>"""
app.jinja_loader = DictLoader({"page.html": PAGE})
NULL_REPLY = b'{"saved":true,"seq":1,"next":"AAAAAAAAAAAAAAAA"}'


@app.post("/heartbeat")
def heartbeat() -> ResponseReturnValue:
    """Parse a beat and answer it."""
    body = request.get_json()
    return jsonify(seq=body["seq"], next=body["nonce"])


@app.post("/autosave")
def autosave() -> ResponseReturnValue:
    """Parse a saved answer and answer it."""
    body = request.get_json()
    return jsonify(saved=True, position=body["position"], revision=body["revision"])


@app.get("/page")
def page() -> ResponseReturnValue:
    """Render a trivial template."""
    return render_template("page.html", title="考评员", lines=["报名", "学习", "考试", "证书"])


@app.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer when this process is alive."""
    return jsonify(status="ok")


def null(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Read the body and answer a constant."""
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(NULL_REPLY)))])
    return [NULL_REPLY]
