// An SMS centre for tests: node server.js FOLDER_OF_MODULES PORT
// Prints "ready", then a line of JSON for each message it takes. The last digits of a number say what becomes of it:
//   58 throttled once, then taken    11 no such number    88 the centre fails    99 no answer
//   77 taken, never delivered        66 the connection breaks off                else taken, and delivered
const { createRequire } = require("module");
const [, , folder, port] = process.argv;
const smpp = createRequire(`${folder}/`)("smpp");

const throttled = new Set();
let last = 0;

function receipt(session, pdu, id, stat) {
  session.deliver_sm({
    source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr,
    esm_class: 4,
    short_message: `id:${id} sub:001 dlvrd:001 submit date:2611220800 done date:2611220801 stat:${stat} err:000 text:`,
    receipted_message_id: id,
  }, (answer) => console.log(JSON.stringify({ receipt: id, stat, status: answer.command_status })));
}

const refusals = { 11: smpp.ESME_RINVDSTADR, 88: smpp.ESME_RSYSERR };

smpp.createServer((session) => {
  session.on("error", () => {});
  session.on("unbind", (pdu) => { session.send(pdu.response()); session.close(); });
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("bind_transceiver", (pdu) => {
    const wrong = pdu.password !== "secret";
    session.send(pdu.response(wrong ? { command_status: smpp.ESME_RBINDFAIL } : {}));
    if (wrong) session.close();
  });
  session.on("submit_sm", (pdu) => {
    const kind = pdu.destination_addr.slice(-2);
    if (kind === "99") return;
    if (kind === "66") return session.destroy();
    if (refusals[kind]) return session.send(pdu.response({ command_status: refusals[kind] }));
    if (kind === "58" && !throttled.has(pdu.destination_addr)) {
      throttled.add(pdu.destination_addr);
      return session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
    }
    last += 1;
    const id = `m${last}`;
    const { udh, message } = pdu.short_message;
    console.log(JSON.stringify({
      id, to: pdu.destination_addr, from: pdu.source_addr, coding: pdu.data_coding, receipt: pdu.registered_delivery,
      valid: pdu.validity_period || "", udh: udh ? Buffer.concat([].concat(udh)).toString("hex") : "", text: message,
    }));
    session.send(pdu.response({ message_id: id }));
    setTimeout(() => receipt(session, pdu, id, kind === "77" ? "UNDELIV" : "DELIVRD"), 50);
  });
}).listen(port, "127.0.0.1", () => console.log("ready"));
