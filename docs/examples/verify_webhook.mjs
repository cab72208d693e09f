// Receive webhooks and verify them: Node.js 18 or later, no packages. SECRET=whsec_… node verify_webhook.mjs [PORT]
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const key = Buffer.from(process.env.SECRET.replace(/^whsec_/, ""), "base64");
const seen = new Set(); // in earnest: a table, for a delivery may come again after a restart

// Signed with our secret (Standard Webhooks 1.0), and not older than five minutes.
function isSigned(headers, body) {
  const at = headers["webhook-timestamp"] ?? "";
  if (!/^\d+$/.test(at) || Math.abs(Date.now() / 1000 - Number(at)) > 300) return false;
  const signed = Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${at}.`), body]);
  const wanted = Buffer.from("v1," + createHmac("sha256", key).update(signed).digest("base64"));
  // While a secret is rotated, two signatures stand side by side.
  return (headers["webhook-signature"] ?? "").split(" ").some((one) => {
    const given = Buffer.from(one);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}

const server = createServer((request, response) => {
  if (request.method === "OPTIONS") {
    // Consent to deliveries (CloudEvents, Web Hooks for Event Delivery, 4).
    const origin = request.headers["webhook-request-origin"] ?? "*";
    response.writeHead(200, { "WebHook-Allowed-Origin": origin }).end();
    return;
  }
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    const genuine = isSigned(request.headers, body);
    if (genuine && !seen.has(request.headers["webhook-id"])) {
      seen.add(request.headers["webhook-id"]);
      // In binary mode the attributes are headers, and the body is the data alone.
      const binary = "ce-id" in request.headers;
      const event = binary ? {} : JSON.parse(body);
      const told = (name) => (binary ? request.headers[`ce-${name}`] : event[name]);
      console.log(told("sequence"), told("type"), told("subject"));
    }
    response.writeHead(genuine ? 204 : 401).end();
  });
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  console.log(`listening on ${server.address().port}`);
});
