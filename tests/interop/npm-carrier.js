// A carrier made of npm's smpp: takes binds, accepts every text, and sends a receipt for those that
// ask for one. What it got is told on standard output; the test says what phones send.
'use strict';
const {smpp, emit, describe, addSession, serve} = require('./node-peer.js');

const [systemId, password] = process.argv.slice(2);
const KINDS = ['receiver', 'transmitter', 'transceiver'];
let nextId = 1000;
let bound = [];

function bind(about, kind, pdu) {
    const good = pdu.system_id === systemId && pdu.password === password;
    emit('bind', {session: about.number, kind, good, ...describe(pdu)});
    if (!good) {
        about.session.send(pdu.response({command_status: smpp.ESME_RBINDFAIL}));
        about.session.close();
        return;
    }
    about.kind = kind;
    bound.push(about);
    about.session.send(pdu.response({system_id: 'npm-smpp', sc_interface_version: 0x34}));
    emit('bound', {session: about.number, kind});
}

// On any session that may receive: with a pair of binds it is not the one that submitted.
function receipt(pdu, id) {
    const about = bound.find((one) => one.kind !== 'transmitter');
    const date = new Date().toISOString().replace(/[-T:]/g, '').slice(2, 12);
    if (!about) {
        emit('error', {session: 0, text: 'nobody to take a receipt'});
        return;
    }
    about.session.deliver_sm({
        source_addr_ton: pdu.dest_addr_ton, source_addr_npi: pdu.dest_addr_npi,
        source_addr: pdu.destination_addr, dest_addr_ton: pdu.source_addr_ton,
        dest_addr_npi: pdu.source_addr_npi, destination_addr: pdu.source_addr,
        esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT, data_coding: 0,
        short_message: `id:${id} sub:001 dlvrd:001 submit date:${date} done date:${date} ` +
            'stat:DELIVRD err:000 text:',
        receipted_message_id: id, message_state: smpp.MESSAGE_STATE.DELIVERED,
    }, (answer) => {
        if (answer.command_status || answer.command !== 'deliver_sm_resp') {
            emit('error', {session: about.number, text: 'receipt was answered by ' +
                JSON.stringify(describe(answer))});
        }
    });
}

const server = smpp.createServer({}, (session) => {
    const about = addSession(session);
    emit('connected', {session: about.number});
    session.on('close', () => {
        bound = bound.filter((one) => one !== about);
    });
    for (const kind of KINDS) session.on('bind_' + kind, (pdu) => bind(about, kind, pdu));
    session.on('submit_sm', (pdu) => {
        const id = 'npm-' + nextId++;
        emit('submit', {session: about.number, ...describe(pdu)});
        session.send(pdu.response({message_id: id}));
        if (pdu.registered_delivery & 3) receipt(pdu, id);
    });
});
server.listen(0, '127.0.0.1', () => emit('listening', {port: server.address().port}));
serve({});
