// An app made of npm's smpp: binds, submits and takes texts and receipts as the test says.
'use strict';
const {smpp, emit, describe, addSession, serve} = require('./node-peer.js');

serve({
    connect({tag, port}) {
        const session = smpp.connect({host: '127.0.0.1', port});
        const about = addSession(session);
        session.on('connect', () => emit('response', {
            tag, command: 'connect', status: 0, seq: 0, params: {session: about.number}}));
        session.on('deliver_sm', (pdu) => emit('deliver', {
            session: about.number, ...describe(pdu)}));
    },
});
emit('ready', {});
