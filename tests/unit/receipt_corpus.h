/*
 * receipt_corpus.h: texts of receipts in the forms that carriers, aggregators and gateways are
 * known to send, each with the place where that form is documented or was reported. Numbers, IDs
 * and texts are replaced by others of the same shape where they could be somebody's.
 *
 * What must be read out of each stands beside it; NULL is an empty field, FORM_NO_STATE a state
 * that nobody can tell from the text.
 */
#ifndef TANDEM_RECEIPT_CORPUS_H
#define TANDEM_RECEIPT_CORPUS_H

#include "protocol/receipt.h"

#define FORM_NO_STATE RECEIPT_STATES

struct receipt_form {
    const char *source;
    const char *text;
    const char *id;
    enum receipt_state state;
    const char *error;
    const char *done;
    uint64_t done_s;                /* 0: not a date */
};

/* clang-format off */
static const struct receipt_form receipt_corpus[] = {
    /* --- specifications and the forms next to them --- */
    {"SMPP 3.4 v1.2, appendix B",
     "id:0123456789 sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:DELIVRD "
     "err:0 Text:Hello",
     "0123456789", RECEIPT_DELIVERED, "0", "2611211201", 1795262460},
    {"smpp.org, delivery receipt page (counts of one digit, letters in the ID)",
     "id:123A456B sub:1 dlvrd:1 submit date:1702281424 done date:1702281424 stat:DELIVRD err:0 "
     "text:",
     "123A456B", RECEIPT_DELIVERED, "0", "1702281424", 1488291840},
    {"Kannel 1.4.5, the scan format of bearerbox: dates of up to 14 digits, states of up to 15",
     "id:33E95179 sub:1 dlvrd:0 submit date:20261121120000 done date:20261121120100 stat:BUFFRED "
     "err:000 text:x",
     "33E95179", RECEIPT_ENROUTE, "000", "20261121120100", 1795262460},
    {"Kannel 1.4.5, names of states in bearerbox",
     "id:33E9517A sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:ACKED err:000",
     "33E9517A", RECEIPT_ACCEPTED, "000", "2611211201", 1795262460},
    {"Kannel 1.4.5, names of states in bearerbox",
     "id:33E9517B sub:001 dlvrd:000 submit date:2611211200 done date:2611211201 stat:BUFFERD "
     "err:000",
     "33E9517B", RECEIPT_ENROUTE, "000", "2611211201", 1795262460},

    /* --- documentation of carriers and aggregators --- */
    {"Vonage (Nexmo) support, how to read an SMPP delivery receipt: 16 digits, text:none",
     "id:0000000012345678 sub:001 dlvrd:001 submit date:1601010100 done date:1601010101 "
     "stat:DELIVRD err:000 text:none",
     "0000000012345678", RECEIPT_DELIVERED, "000", "1601010101", 1451610060},
    {"Vonage support, article 204015663: FAILED, outside appendix B",
     "id:2a1f0f1d sub:001 dlvrd:000 submit date:2609051430 done date:2609051447 stat:FAILED "
     "err:051 text:none",
     "2a1f0f1d", RECEIPT_UNDELIVERABLE, "051", "2609051447", 1788619620},
    {"smppcenter.com knowledge base: dates with seconds, 20 digits of ID",
     "id:64567564356765435676 sub:001 dlvrd:001 submit date:190608165232 done date:190608165237 "
     "stat:DELIVRD err:000 text:Hello World",
     "64567564356765435676", RECEIPT_DELIVERED, "000", "190608165237", 1560012757},
    {"CardBoardFish, format of SMPP delivery receipts: capital Text with a blank behind it",
     "id:1234567890 sub:001 dlvrd:001 submit date:0911011200 done date:0911011201 stat:DELIVRD "
     "err:0 Text: hello",
     "1234567890", RECEIPT_DELIVERED, "0", "0911011201", 1257076860},
    {"SerwerSMS.pl, SMPP API: text may be missing",
     "id:9876543210 sub:001 dlvrd:000 submit date:2011011200 done date:2011011201 stat:EXPIRED "
     "err:8",
     "9876543210", RECEIPT_EXPIRED, "8", "2011011201", 1604232060},
    {"8x8 Connect, SMPP delivery receipts: ENROUTE in an ordinary receipt",
     "id:5123456789 sub:001 dlvrd:000 submit date:2611211200 done date:2611211200 stat:ENROUTE "
     "err:22 Text: ",
     "5123456789", RECEIPT_ENROUTE, "22", "2611211200", 1795262400},
    {"YCloud, SMPP: err of two digits, text:none",
     "id:11041301030001006668 sub:001 dlvrd:001 submit date:2111040501 done date:2111040501 "
     "stat:REJECTD err:65 text:none",
     "11041301030001006668", RECEIPT_REJECTED, "65", "2111040501", 1636002060},
    {"Karix, as IBM documents it",
     "id:4012345678 sub:001 dlvrd:000 submit date:2611211200 done date:2611211201 stat:DELETED "
     "err:000 Text:hello",
     "4012345678", RECEIPT_DELETED, "000", "2611211201", 1795262460},
    {"LINK Mobility, SMSC SMPP user guide 1.5: sub and dlvrd are always 000",
     "id:e731049e9fc84e61 sub:000 dlvrd:000 submit date:2609051430 done date:2609051431 "
     "stat:DELIVRD err:000 text:",
     "e731049e9fc84e61", RECEIPT_DELIVERED, "000", "2609051431", 1788618660},
    {"LINK Mobility, the same guide as printed: a blank behind the colons of what varies",
     "id: e731049e9fc84e61 sub:000 dlvrd:000 submit date: 2609051430 done date: 2609051431 stat: "
     "UNDELIV err: 010 text:",
     "e731049e9fc84e61", RECEIPT_UNDELIVERABLE, "010", "2609051431", 1788618660},
    {"Infobip, SMPP specification: no text field",
     "id:44191696 sub:001 dlvrd:000 submit date:2609051430 done date:2609051430 stat:ENROUTE "
     "err:000",
     "44191696", RECEIPT_ENROUTE, "000", "2609051430", 1788618600},
    {"CM.com, SMPP: no sub and dlvrd, years of four digits, DELIVERD",
     "id:5be9f816f19992a78c8e26442f8afa50 submit date:20260905143000 done date:20260905143300 "
     "stat:DELIVERD err:000",
     "5be9f816f19992a78c8e26442f8afa50", RECEIPT_DELIVERED, "000", "20260905143300", 1788618780},
    {"Telesign, SMPP: err in hexadecimal",
     "id:e9ca671b2497d778d771938333dc0c52 sub:001 dlvrd:000 submit date:260905143000 done "
     "date:260905143010 stat:UNDELIV err:4A6 text:",
     "e9ca671b2497d778d771938333dc0c52", RECEIPT_UNDELIVERABLE, "4A6", "260905143010", 1788618610},
    {"Telesign, SMPP: the examples beside it have eight digits and 0x",
     "id:e9ca671b2497d778d771938333dc0c53 sub:001 dlvrd:000 submit date:260905143000 done "
     "date:260905143010 stat:UNDELIV err:0x000004A6 text:",
     "e9ca671b2497d778d771938333dc0c53", RECEIPT_UNDELIVERABLE, "0x000004A6", "260905143010",
     1788618610},
    {"Route Mobile and Kaleyra, delivery reports: FAILED and an empty Text",
     "id:1216080510463401720 sub:001 dlvrd:001 submit date:1608051046 done date:1608051046 "
     "stat:FAILED err:002 Text:",
     "1216080510463401720", RECEIPT_UNDELIVERABLE, "002", "1608051046", 1470393960},
    {"Tele2 Norway, as the ruby-smpp sources quote it: numbers in front, a question mark",
     "47900000001999?id:10ea34755d3d4f7a20900cdb3349e549 sub:001 dlvrd:001 submit date:0611011228 "
     "done date:0611011230 stat:DELIVRD err:0 Text:abc",
     "10ea34755d3d4f7a20900cdb3349e549", RECEIPT_DELIVERED, "0", "0611011230", 1162384200},
    {"another Norwegian carrier in the same place: a circumflex, and err without a value",
     "4790000000Alert^id:1054BC63 sub:0 dlvrd:1 submit date:0610231217 done date:0610231217 "
     "stat:DELIVRD err: text:",
     "1054BC63", RECEIPT_DELIVERED, NULL, "0610231217", 1161605820},
    {"ruby-smpp sources and Yo! Uganda in vumi's tests: a state of their own, in digits",
     "id:Smsc2013 sub:1 dlvrd:1 submit date:0610171515 done date:0610171515 stat:0 err:0 text:blah",
     "Smsc2013", FORM_NO_STATE, "0", "0610171515", 1161098100},
    {"Vodafone UK 2002, kannel devel list: commas and no keys, so all is left to the TLVs",
     "00,0210021543,0210021500,,447700900123,10110200000000,we2345678i9o03er45ty67u",
     NULL, FORM_NO_STATE, NULL, NULL, 0},
    {"e-com-net, a receipt of a tested SMSC: err is the hex of a status, words in text",
     "id:0911897980 sub:001 dlvrd:000 submit date:1201121551 done date:1201121551 stat:UNDELIV "
     "err:075 text:-PROFILE",
     "0911897980", RECEIPT_UNDELIVERABLE, "075", "1201121551", 1326383460},

    /* --- reported in the trackers of SMPP software --- */
    {"jasmin #70, Clickatell: 32 hex digits, seconds, empty text",
     "id:a29f6845555647139e5c8f3b817f2c9a sub:001 dlvrd:001 submit date:141023215253 done "
     "date:141023215259 stat:DELIVRD err:000 text:",
     "a29f6845555647139e5c8f3b817f2c9a", RECEIPT_DELIVERED, "000", "141023215259", 1414101179},
    {"jasmin #447: FAILED with a done date of zeros",
     "id:1216080510463401721 sub:001 dlvrd:001 submit date:1608051046 done date:0000000000 "
     "stat:FAILED err:002 Text:",
     "1216080510463401721", RECEIPT_UNDELIVERABLE, "002", "0000000000", 0},
    {"jasmin #1239, what jasmin itself sends: no sub, dlvrd, text",
     "id:1298d520-b783-49d9-87af-643d7bf13304 submit date:2411051159 done date:2411051159 "
     "stat:DELIVRD err:00",
     "1298d520-b783-49d9-87af-643d7bf13304", RECEIPT_DELIVERED, "00", "2411051159", 1730807940},
    {"jasmin's tests: years of four digits without seconds",
     "id:4e05c166-6ced-40df-9e1d-2bbcb0c14cd3 submit date:201907191552 done date:201907191553 "
     "stat:UNDELIV err:005",
     "4e05c166-6ced-40df-9e1d-2bbcb0c14cd3", RECEIPT_UNDELIVERABLE, "005", "201907191553",
     1563551580},
    {"jasmin #418: parts numbered in the ID",
     "id:SAR-2347000000000-1EEDF843-2-1 sub:001 dlvrd:000 submit date:1604142325 done "
     "date:1604142326 stat:UNDELIV err:000",
     "SAR-2347000000000-1EEDF843-2-1", RECEIPT_UNDELIVERABLE, "000", "1604142326", 1460676360},
    {"jasmin #424: 23 digits, a leading zero that the response did not have",
     "id:04062581461644996000141 sub:001 dlvrd:000 submit date:1604260959 done date:1604260959 "
     "stat:UNDELIV err:000 text:",
     "04062581461644996000141", RECEIPT_UNDELIVERABLE, "000", "1604260959", 1461664740},
    {"jasmin #586: the decimal of 64 bits that the response had in hex",
     "id:9308878062554710043 sub:001 dlvrd:001 submit date:1706011145 done date:1706011145 "
     "stat:DELIVRD err:000 text:",
     "9308878062554710043", RECEIPT_DELIVERED, "000", "1706011145", 1496317500},
    {"vumi #897: FAILED where seven letters were expected",
     "id:foo sub:001 dlvrd:000 submit date:200101010030 done date:200101020030 stat:FAILED err:042 "
     "text:Meep",
     "foo", RECEIPT_UNDELIVERABLE, "042", "200101020030", 1577844030},
    {"vumi's tests: a state in another notation, fields missing",
     "id:bar stat:foo ", "bar", FORM_NO_STATE, NULL, NULL, 0},
    {"php-smpp #70: err of four digits",
     "id:117062714244798261 sub:001 dlvrd:001 submit date:1706271624 done date:1706271624 "
     "stat:DELIVRD err:0000 text:H\x1b" "ello world",
     "117062714244798261", RECEIPT_DELIVERED, "0000", "1706271624", 1498580640},
    {"php-smpp #29: a blank behind err and its colon",
     "id:1170627142 sub:001 dlvrd:001 submit date:1706271624 done date:1706271624 stat:DELIVRD "
     "err: 0 text:x",
     "1170627142", RECEIPT_DELIVERED, "0", "1706271624", 1498580640},
    {"python-smpplib #90: 32 hex digits in capitals, text in another language",
     "id:6C7C7DE28BB3E961947700000000FE37 sub:001 dlvrd:000 submit date:1907311208 done "
     "date:1907311208 stat:UNDELIV err:001 text:Ceci est un tet.",
     "6C7C7DE28BB3E961947700000000FE37", RECEIPT_UNDELIVERABLE, "001", "1907311208", 1564574880},
    {"smppex #46: dates in the form of validity_period, with their own zone",
     "id:rdwjwxns18krxr9936ey96ymcw sub:000 dlvrd:000 submit date:180711070003912+ done "
     "date:180711070000012+ stat:UNDELIV err:000",
     "rdwjwxns18krxr9936ey96ymcw", RECEIPT_UNDELIVERABLE, "000", "180711070000012+", 1531281600},
    {"jsmpp #62: sub and dlvrd missing",
     "id:1526758174 submit date:1701240904 done date:1701240904 stat:DELIVRD err:000 text:hellow",
     "1526758174", RECEIPT_DELIVERED, "000", "1701240904", 1485248640},
    {"jsmpp #67 of the older repository: text missing too",
     "id:0654354026 submit date:2302101454 done date:2302101454 stat:DELIVRD err:000",
     "0654354026", RECEIPT_DELIVERED, "000", "2302101454", 1676040840},
    {"ksmppd #108: the key of the state is missing",
     "id:ce5bc5a9-4f7d-4282-9244-2e1022a9335c sub:000 dlvrd:000 submit date:180903120815 done "
     "date:180903120816 DELIVRD err:000 Text:",
     "ce5bc5a9-4f7d-4282-9244-2e1022a9335c", RECEIPT_DELIVERED, "000", "180903120816", 1535976496},
    {"node-smpp #77: dlvrd is the length of something, Text a USSD code",
     "id:45013692 sub:0 dlvrd:28 submit date:1908121157 done date:1908121158 stat:UNDELIV err:21 "
     "Text:*100#",
     "45013692", RECEIPT_UNDELIVERABLE, "21", "1908121158", 1565611080},
    {"node-smpp #140: words in front, done date without a value",
     "message text:id:1 sub:001 dlvrd:0 submit date:2007281200 done date: stat:ACCEPTD err:000",
     NULL, FORM_NO_STATE, NULL, NULL, 0},
    {"gosmpp #124: counts without padding, text of several words",
     "id:123A456C sub:1 dlvrd:1 submit date:1702281424 done date:1702281424 stat:DELIVRD err:0 "
     "text: hello how are you there",
     "123A456C", RECEIPT_DELIVERED, "0", "1702281424", 1488291840},
    {"cloudhopper #40: letters in err",
     "id:0123456789 sub:001 dlvrd:000 submit date:1310091200 done date:1310091201 stat:UNDELIV "
     "err:21b text:x",
     "0123456789", RECEIPT_UNDELIVERABLE, "21b", "1310091201", 1381320060},
    {"cloudhopper #89: a null out of another program",
     "id:0123456790 sub:001 dlvrd:000 submit date:1504161200 done date:1504161201 stat:UNDELIV "
     "err:null text:",
     "0123456790", RECEIPT_UNDELIVERABLE, "null", "1504161201", 1429185660},
    {"cloudhopper #105: sub is missing",
     "id:0123456791 dlvrd:001 submit date:1506101200 done date:1506101201 stat:DELIVRD err:000 "
     "text:x",
     "0123456791", RECEIPT_DELIVERED, "000", "1506101201", 1433937660},
    {"somleng sms-gateway, tests: err with hex digits, done date longer than submit date",
     "id:577e505a-dbd7-46ab-a04c-5a927ffb85b1 sub:001 dlvrd:000 submit date:2408201338 done "
     "date:240820093823 stat:REJECTD err:00B text:You",
     "577e505a-dbd7-46ab-a04c-5a927ffb85b1", RECEIPT_REJECTED, "00B", "240820093823", 1724146703},
    {"zysms tests, a Chinese gateway (CMPP codes passed on): a state of 7 letters that is none of "
     "ours, NULs behind the text",
     "id:04701501161242686134 sub:001 dlvrd:000 submit date:2401161242 done date:2401161242 "
     "stat:BWLISTS err:163 text:007BWLISTS",
     "04701501161242686134", FORM_NO_STATE, "163", "2401161242", 1705408920},
    {"zysms tests: a key with a capital in the middle of the line",
     "id:1235 sub:001 Dlvrd:1 submit date:2107081716 done date:2210131801 stat:DELIVRD err:0 "
     "text:aha",
     "1235", RECEIPT_DELIVERED, "0", "2210131801", 1665684060},
    {"public code, an SMSC simulator: seconds since 1970 as dates",
     "id:3f2504e0-4f89-41d3-9a0c-0305e82c3301 sub:001 dlvrd:001 submit date:1590075164 done "
     "date:1590075164 stat:DELIVRD err:000 text:1",
     "3f2504e0-4f89-41d3-9a0c-0305e82c3301", RECEIPT_DELIVERED, "000", "1590075164", 0},
    {"public code, Kannel's dlr-url with %a: the dates run into each other's keys",
     "id:1 sub:001 dlvrd:001 submitdate:2611211200donedate:2611211201 stat:DELIVRD err:000 "
     "Text:dlr",
     "1", RECEIPT_DELIVERED, "000", NULL, 0},
    {"public code, a log of receipts with AddInfo beside them: dashes in places of their own",
     "id:61F276D3-35668-664E-7F9FFC889700 sub:001 dlvrd:001 submit date:2201271041 done "
     "date:2201271041 stat:DELIVRD err:000 text:",
     "61F276D3-35668-664E-7F9FFC889700", RECEIPT_DELIVERED, "000", "2201271041", 1643280060},
    {"public code, a Go client's test: blanks fill the text to 20",
     "id:881444543 sub:001 dlvrd:000 submit date:1512201521 done date:1512201521 stat:ACCEPTD "
     "err:000 text:ACK/OK      ",
     "881444543", RECEIPT_ACCEPTED, "000", "1512201521", 1450624860},
    {"public code, a test of a listener on jsmpp: err of a word",
     "id:2 sub:001 dlvrd:001 submit date:0908312310 done date:0908312311 stat:UNDELIV err:xxx "
     "Text:Hello SMPP world!",
     "2", RECEIPT_UNDELIVERABLE, "xxx", "0908312311", 1251760260},
};
/* clang-format on */

/* R4: the ID of a submit_sm_resp and of its receipt, and how to read them so that they agree. */
static const struct receipt_id_pair {
    const char *source;
    const char *response, *receipt;
    enum receipt_id_form response_form, receipt_form;
} receipt_id_pairs[] = {
    {"jasmin #586", "812FC7470000001B", "9308878062554710043", RECEIPT_ID_HEX, RECEIPT_ID_DECIMAL},
    {"jasmin #535", "10C8F40D", "281605133", RECEIPT_ID_HEX, RECEIPT_ID_DECIMAL},
    {"jasmin #643", "0e999f21-81ef-4974-a414-3de98174e3c7", "0E999F21-81EF-4974-A414-3DE98174E3C7",
     RECEIPT_ID_TEXT, RECEIPT_ID_TEXT},
    {"jasmin #643, the shorter form of its rule", "0e999f21", "E999F21", RECEIPT_ID_HEX,
     RECEIPT_ID_HEX},
    {"jasmin #418", "SAR-2347000000000-1eedf843-2-1", "SAR-2347000000000-1EEDF843-2-1",
     RECEIPT_ID_TEXT, RECEIPT_ID_TEXT},
    {"jasmin #424", "4062581461644996000141", "04062581461644996000141", RECEIPT_ID_DECIMAL,
     RECEIPT_ID_DECIMAL},
    {"jsmpp #56", "33E95179", "0870928761", RECEIPT_ID_HEX, RECEIPT_ID_DECIMAL},
    {"Vonage support, 204015663", "33647f6c", "862224236", RECEIPT_ID_HEX, RECEIPT_ID_DECIMAL},
    {"CardBoardFish: hex in 3.3", "1054bc63", "1054BC63", RECEIPT_ID_HEX, RECEIPT_ID_HEX},
    {"public code, lessons on receipts", "04000000086ECD50", "288230376293190992", RECEIPT_ID_HEX,
     RECEIPT_ID_DECIMAL},
    {"cloudhopper, long IDs with 0x", "0x1A2B3C4D", "439041101", RECEIPT_ID_HEX,
     RECEIPT_ID_DECIMAL},
    {"appendix B: ten digits, padded", "42", "0000000042", RECEIPT_ID_DECIMAL, RECEIPT_ID_DECIMAL},
};

#define RECEIPT_ID_PAIRS_COUNT (sizeof(receipt_id_pairs) / sizeof(receipt_id_pairs[0]))
#define RECEIPT_CORPUS_COUNT (sizeof(receipt_corpus) / sizeof(receipt_corpus[0]))

#endif
