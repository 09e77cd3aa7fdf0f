// An SMSC for the tests: the server of the npm package `smpp`, told what to do by lines of JSON on
// its standard input, telling what it sees by lines of JSON on its standard output.
//
//   node smsc.js <port>                    the package is found through NODE_PATH
//
//   in:  {"do": "answer", "status": 88, "times": 3}    submits are refused so (88: too fast)
//        {"do": "silent", "times": 1}                  taken, but the answer never comes
//        {"do": "cut", "times": 1}                     taken, and the link is cut before the answer
//        {"do": "cut_now"}                             all links are cut
//        {"do": "deaf", "on": true}                    nothing is answered, enquire_link included
//        {"do": "receipt", "id": "…", "stat": "DELIVRD", …}   a delivery receipt, as asked
//        {"do": "text", "from": "…", "text": "…"}      a citizen's text
//        {"do": "auto", "stat": "DELIVRD"}             a receipt for each submit, at once
//        {"do": "rate", "most": 10}                    more than that in a second: throttled
//   out: {"saw": "bind" | "submit" | "enquire" | "ack" | "gone", …}
'use strict';
const smpp = require('smpp');
const readline = require('readline');

let plan = [], deaf = false, auto = '', rate = 0, taken = [], count = 0;
const sessions = new Set();
const tell = (what) => process.stdout.write(JSON.stringify(what) + '\n');

function receipt(session, about) {
  const text = about.message || `id:${about.id} sub:001 dlvrd:001 submit date:${about.date ||
    '2611251200'} done date:${about.date || '2611251201'} stat:${about.stat} err:${about.err ||
    '000'} text:${about.text || ''}`;
  const pdu = {
    source_addr: about.number || '5511987654321', destination_addr: '156', esm_class: 4,
    short_message: text,
  };
  if (about.reference) pdu.user_message_reference = about.reference;
  if (about.tlv) pdu.receipted_message_id = about.id;
  if (about.state) pdu.message_state = about.state;
  session.deliver_sm(pdu, (answer) => tell({ saw: 'ack', status: answer.command_status }));
}

const server = smpp.createServer((session) => {
  session.on('error', () => {});
  session.on('close', () => { sessions.delete(session); tell({ saw: 'gone' }); });
  session.on('bind_transceiver', (pdu) => {
    const good = pdu.system_id === 'central' && pdu.password === 'segredo';
    session.send(pdu.response(good ? {} : { command_status: smpp.ESME_RINVPASWD }));
    tell({ saw: 'bind', good, version: pdu.interface_version });
    if (good) sessions.add(session);
  });
  session.on('enquire_link', (pdu) => {
    tell({ saw: 'enquire' });
    if (!deaf) session.send(pdu.response());
  });
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('submit_sm', (pdu) => {
    const body = pdu.message_payload || pdu.short_message;
    const sm = body && (body.message !== undefined ? body : { message: body });
    let text = sm.message;
    if (Buffer.isBuffer(text)) {
      text = text.toString('hex');
    }
    const step = plan.length ? plan[0] : { do: 'answer', status: 0, times: 1 };
    if (plan.length && --plan[0].times <= 0) plan.shift();
    const now = Date.now();
    taken = taken.filter((at) => now - at < 1000);
    let status = step.status || 0;
    if (rate && taken.length >= rate) status = smpp.ESME_RTHROTTLED;
    if (!status) taken.push(now);
    const id = 'x' + (++count).toString(16);
    tell({
      saw: 'submit', id, status, at: now, to: pdu.destination_addr, from: pdu.source_addr, text,
      udh: sm.udh ? sm.udh.map((one) => one.toString('hex')).join('') : '',
      coding: pdu.data_coding, esm: pdu.esm_class, payload: !!pdu.message_payload,
      reference: pdu.user_message_reference, registered: pdu.registered_delivery,
      valid: pdu.validity_period ? String(pdu.validity_period.toISOString ?
        pdu.validity_period.toISOString() : pdu.validity_period) : '',
      ton: pdu.dest_addr_ton, npi: pdu.dest_addr_npi, source_ton: pdu.source_addr_ton,
    });
    if (deaf || step.do === 'silent') return;
    if (step.do === 'cut') { session.destroy(); return; }
    const answer = () => {
      session.send(pdu.response({ command_status: status, message_id: status ? '' : id }));
      if (auto && !status) {
        receipt(session, { id, stat: auto, number: pdu.destination_addr });
      }
    };
    if (step.do === 'slow') setTimeout(answer, step.wait); else answer();
  });
});
server.on('error', () => {});

const DO = {
  answer: (o) => plan.push(o), silent: (o) => plan.push(o), cut: (o) => plan.push(o),
  slow: (o) => plan.push(o),
  cut_now: () => sessions.forEach((one) => one.destroy()),
  deaf: (o) => { deaf = o.on; },
  auto: (o) => { auto = o.stat; },
  rate: (o) => { rate = o.most; },
  receipt: (o) => sessions.forEach((one) => receipt(one, o)),
  text: (o) => sessions.forEach((one) => one.deliver_sm({
    source_addr: o.from, destination_addr: '156', short_message: o.text,
  }, (answer) => tell({ saw: 'ack', status: answer.command_status }))),
  close: () => { server.close(); sessions.forEach((one) => one.destroy()); },
  open: () => server.listen(Number(process.argv[2]), '127.0.0.1', () => tell({ saw: 'open' })),
};
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line);
  DO[order.do](Object.assign({ times: 1 }, order));
  tell({ saw: 'order', do: order.do });
}).on('close', () => process.exit(0));
DO.open();
