// Follow the stream of events, and go on where it was cut off: Node.js 18 or later, no packages.
// NOTICEWIRE=http://127.0.0.1:8080 TOKEN=nw_… node follow_stream.mjs [POSITION]
// In a browser, EventSource does all this: new EventSource(`${address}/v1/events/stream?token=${readOnlyToken}`)
let position = process.argv[2]; // in earnest: kept in a file, or beside what you make of events

function tell(block) {
  const event = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 1).replace(/^ /, "");
  }
  if (event.data === undefined) return;
  const told = JSON.parse(event.data);
  if (event.event === "reset") console.error("events were missed:", told);
  else console.log(event.id, told.type, told.subject);
  position = event.id ?? position;
}

for (;;) {
  const headers = { Authorization: `Bearer ${process.env.TOKEN}` };
  if (position !== undefined) headers["Last-Event-ID"] = position;
  try {
    const answer = await fetch(`${process.env.NOTICEWIRE}/v1/events/stream`, { headers });
    if (!answer.ok) {
      console.error("refused:", answer.status, await answer.text());
      process.exit(1);
    }
    let text = "";
    for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
      text += part;
      const blocks = text.split("\n\n"); // an empty line ends an event
      text = blocks.pop();
      blocks.forEach(tell);
    }
  } catch (error) {
    console.error(`cut off (${error.message}), once more`);
  }
  await new Promise((resolve) => setTimeout(resolve, 3000));
}
