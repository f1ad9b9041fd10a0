"""The baselines: a Flask route that does nothing but talk, and a WSGI route without even Flask.

`app` parses the same JSON as the hot routes and answers as much of it; or renders a trivial template. No session,
no database, no headers of its own. `null` shows what the server and the load generator can do without a framework.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader

app = Flask(__name__)

PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{{ title }}</title></head>
<body><h1>{{ title }}</h1><ul>{% for line in lines %}<li>{{ line }}</li>{% endfor %}</ul></body></html>"""
SHEET = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{{ title }}</title></head>
<body><form method="post">{% for n in range(1, 61) %}<fieldset><legend>{{ n }}. {{ stem }}</legend>
{% for one in options %}<label><input type="radio" name="q{{ n }}" value="{{ loop.index }}">{{ one }}</label>
{% endfor %}</fieldset>{% endfor %}</form></body></html>"""
app.jinja_loader = DictLoader({"page.html": PAGE, "sheet.html": SHEET})
STEM = "考评员现场考评时应当首先完成的工作是（）。"
OPTIONS = ("核对考生身份", "检查考场设备与工具", "宣读考场纪律", "填写评分记录表")
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


@app.post("/exam-start")
def start() -> ResponseReturnValue:
    """Read a form and lead to the sheet."""
    return redirect(f"/sheet?{len(request.form)}", 303)


@app.get("/sheet")
def sheet() -> ResponseReturnValue:
    """Render sixty times the same question with four options."""
    return render_template("sheet.html", title="考试", stem=STEM, options=OPTIONS)


@app.post("/submit")
def submit() -> ResponseReturnValue:
    """Parse a lease and answer it."""
    return jsonify(submitted=True, result_url=f"/exam/attempts/{len(request.get_json()['lease'])}/result")


@app.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer when this process is alive."""
    return jsonify(status="ok")


def null(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Read the body and answer a constant."""
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(NULL_REPLY)))])
    return [NULL_REPLY]
