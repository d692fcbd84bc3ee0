// What npm-carrier.js and npm-app.js share: PDUs of npm's smpp (node-smpp) as lines of JSON on
// standard output, and the test's commands as lines of JSON on standard input. All coding and
// decoding is node-smpp's; this file only names things.
'use strict';
const readline = require('readline');
const smpp = require('smpp');

const HEAD = ['command', 'command_length', 'command_id', 'command_status', 'sequence_number'];
const sessions = new Map();
let nextSession = 1;

function emit(event, about) {
    process.stdout.write(JSON.stringify({event, ...about}) + '\n');
}

// Reference, total and number of a part, from the elements of the header that node-smpp found.
function concatOf(elements) {
    for (const one of elements || []) {
        if (one[0] === 0 && one.length === 5) return [one[2], one[3], one[4]];
        if (one[0] === 8 && one.length === 6) return [one.readUInt16BE(2), one[4], one[5]];
    }
    return null;
}

function describe(pdu) {
    const about = {command: pdu.command, status: pdu.command_status, seq: pdu.sequence_number,
                   params: {}};
    for (const [key, value] of Object.entries(pdu)) {
        if (HEAD.includes(key)) continue;
        if (value && value.message !== undefined) {
            const message = value.message;
            if (key === 'short_message' && pdu.message_payload) continue;
            about.text = Buffer.isBuffer(message) ? message.toString('latin1') : message;
            about.concat = concatOf(value.udh);
        } else {
            about.params[key] = Buffer.isBuffer(value) ? value.toString('hex') : value;
        }
    }
    return about;
}

function addSession(session) {
    const number = nextSession++;
    const about = {number, session, kind: null, ending: false};
    sessions.set(number, about);
    session.on('close', () => {
        sessions.delete(number);
        emit('closed', {session: number});
    });
    // Broken PDUs come here too, as exceptions of node-smpp's decoder.
    session.on('error', (error) => emit('error', {
        session: number, text: String(error), ending: about.ending, code: error.code}));
    session.on('unknown', (pdu) => {
        emit('error', {session: number, text: 'unknown PDU 0x' + pdu.command_id.toString(16)});
        session.send(pdu.response());
    });
    session.on('enquire_link', (pdu) => {
        session.send(pdu.response());
        emit('enquired', {session: number});
    });
    session.on('unbind', (pdu) => {
        about.ending = true;
        session.send(pdu.response());
        emit('unbound', {session: number});
        session.close();
    });
    return about;
}

// Headers travel as hex, and binary text is never sent from here.
function paramsOf(params) {
    const message = params.short_message || params.message_payload;
    if (message && message.udh) message.udh = Buffer.from(message.udh, 'hex');
    return params;
}

const commands = {
    // Send a request; its response is told under the same tag.
    send({tag, session, command, params}) {
        const about = sessions.get(session);
        const sent = about && about.session[command](paramsOf(params || {}), (pdu) => {
            emit('response', {tag, ...describe(pdu)});
            if (command === 'unbind') {
                about.ending = true;
                about.session.close();
            }
        });
        if (!sent) emit('lost', {tag});
    },
    respond({session, seq, command, status, params}) {
        const about = sessions.get(session);
        if (!about) return;
        about.session.send(new smpp.PDU(command, {
            sequence_number: seq, command_status: status, ...params}));
    },
    drop({session}) {
        const about = sessions.get(session);
        if (!about) return;
        about.ending = true;
        about.session.socket.resetAndDestroy();
    },
};

function serve(more) {
    Object.assign(commands, more);
    const lines = readline.createInterface({input: process.stdin});
    lines.on('line', (line) => {
        const command = JSON.parse(line);
        commands[command.do](command);
    });
    lines.on('close', () => process.exit(0));
}

module.exports = {smpp, sessions, emit, describe, addSession, serve};
