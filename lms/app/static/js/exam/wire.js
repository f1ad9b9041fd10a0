/* Asking the server: one JSON request with a bound on its time, and the reply as status and content. */

const SEND_TIMEOUT_MS = 12_000;

async function contentOf(reply) {
  try {
    return await reply.json();
  } catch {
    return {}; // A page of something in between, which may well say 200: nobody has answered.
  }
}

export class Wire {
  constructor(lease) {
    this.lease = lease;
  }

  async post(url, body) {
    const reply = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ lease: this.lease, ...body }),
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
      cache: "no-store",
    });
    return { status: reply.status, content: await contentOf(reply) };
  }

  async get(url) {
    const reply = await fetch(url, {
      headers: { Accept: "application/json" }, signal: AbortSignal.timeout(SEND_TIMEOUT_MS), cache: "no-store",
    });
    return { status: reply.status, content: await contentOf(reply) };
  }
}
