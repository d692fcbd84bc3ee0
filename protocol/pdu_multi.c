/*
 * pdu_multi.c: the two lists of submit_multi and its response (SMPP 3.4 sections 4.5.1 and 4.5.2):
 * the only fields that are neither a number nor a string. Separate from pdu.c because the owner
 * walks and builds them, entry by entry.
 */
#include "protocol/pdu.h"
#include "protocol/pdu_table.h"
#include "protocol/wire.h"

/* A string too long has its own status; one that does not end is a PDU that was cut. */
static enum smpp_status
get_string(struct wire_reader *r, size_t max, enum smpp_status too_long, struct slice *out)
{
    if (wire_get_cstring(r, max, out))
        return SMPP_ROK;
    return wire_has_nul(r) ? too_long : SMPP_RINVCMDLEN;
}

static enum smpp_status
get_address(struct wire_reader *r, struct pdu_address *out)
{
    out->ton = wire_get_u8(r);
    out->npi = wire_get_u8(r);
    return get_string(r, SMPP_ADDRESS_BYTES, SMPP_RINVDSTADR, &out->digits);
}

static enum smpp_status
get_dest(struct wire_reader *r, struct pdu_dest *out)
{
    enum smpp_status status;

    memset(out, 0, sizeof(*out));
    out->flag = wire_get_u8(r);
    if (r->bad)
        return SMPP_RINVCMDLEN;
    switch (out->flag) {
    case PDU_DEST_SME:
        return get_address(r, &out->address);
    case PDU_DEST_LIST:
        status = get_string(r, SMPP_DL_NAME_BYTES, SMPP_RINVDLNAME, &out->list_name);
        return status == SMPP_ROK && out->list_name.n == 0 ? SMPP_RINVDLNAME : status;
    default:
        return SMPP_RINVDESTFLAG;
    }
}

static enum smpp_status
get_failure(struct wire_reader *r, struct pdu_failure *out)
{
    enum smpp_status status = get_address(r, &out->address);

    out->status = wire_get_u32(r);
    return r->bad ? SMPP_RINVCMDLEN : status;
}

enum smpp_status
pdu_dests_get(struct wire_reader *r, uint32_t max, struct pdu_list *out)
{
    uint8_t count = wire_get_u8(r);
    const uint8_t *start = r->p;

    if (r->bad)
        return SMPP_RINVCMDLEN;
    if (count == 0 || count > max)
        return SMPP_RINVNUMDESTS;
    for (unsigned i = 0; i < count; i++) {
        struct pdu_dest dest;
        enum smpp_status status = get_dest(r, &dest);

        if (status != SMPP_ROK)
            return status;
    }
    *out = (struct pdu_list){count, slice_of(start, (size_t)(r->p - start))};
    return SMPP_ROK;
}

void
pdu_failures_get(struct wire_reader *r, struct pdu_list *out)
{
    uint8_t count = wire_get_u8(r);
    const uint8_t *start = r->p;

    *out = (struct pdu_list){0, slice_of(start, 0)};
    while (out->count < count) {
        struct pdu_failure failure;

        if (get_failure(r, &failure) != SMPP_ROK) {
            (void)wire_get_bytes(r, wire_left(r));
            return;
        }
        out->count++;
        out->region.n = (size_t)(r->p - start);
    }
}

bool
pdu_dest_next(struct slice *rest, struct pdu_dest *out)
{
    struct wire_reader r = wire_reader(*rest);

    if (get_dest(&r, out) != SMPP_ROK) {
        *rest = SLICE_NONE;
        return false;
    }
    *rest = wire_rest(&r);
    return true;
}

bool
pdu_failure_next(struct slice *rest, struct pdu_failure *out)
{
    struct wire_reader r = wire_reader(*rest);

    if (get_failure(&r, out) != SMPP_ROK) {
        *rest = SLICE_NONE;
        return false;
    }
    *rest = wire_rest(&r);
    return true;
}

/* A list that is not what it says would be read by the peer as fields that nobody wrote. */
void
pdu_dests_write(struct wire_writer *w, const struct pdu_list *list)
{
    struct slice rest = list->region;
    struct pdu_dest dest;
    unsigned count = 0;

    while (rest.n > 0) {
        w->bad |= !pdu_dest_next(&rest, &dest);
        count++;
    }
    w->bad |= count != list->count || count == 0 || count > SMPP_DESTS_50_MAX;
    wire_put_u8(w, list->count);
    wire_put_bytes(w, list->region);
}

void
pdu_failures_write(struct wire_writer *w, const struct pdu_list *list)
{
    struct slice rest = list->region;
    struct pdu_failure failure;
    unsigned count = 0;

    while (rest.n > 0) {
        w->bad |= !pdu_failure_next(&rest, &failure);
        count++;
    }
    w->bad |= count != list->count;
    wire_put_u8(w, list->count);
    wire_put_bytes(w, list->region);
}

static void
put_string(struct wire_writer *w, size_t max, struct slice text)
{
    w->bad |= text.n >= max || (text.n > 0 && memchr(text.p, 0, text.n));
    wire_put_bytes(w, text);
    wire_put_u8(w, 0);
}

static void
put_address(struct wire_writer *w, const struct pdu_address *address)
{
    wire_put_u8(w, address->ton);
    wire_put_u8(w, address->npi);
    put_string(w, SMPP_ADDRESS_BYTES, address->digits);
}

/* Where the next entry of a list goes. */
static struct wire_writer
list_end(uint8_t *buf, size_t cap, const struct pdu_list *list)
{
    struct wire_writer w = wire_writer(buf, cap);

    w.bad = list->region.n > cap || list->count >= SMPP_DESTS_50_MAX;
    if (!w.bad && list->region.n > 0)
        w.p += list->region.n;
    return w;
}

static bool
list_grow(struct pdu_list *list, uint8_t *buf, const struct wire_writer *w)
{
    if (w->bad)
        return false;
    *list = (struct pdu_list){(uint8_t)(list->count + 1), slice_of(buf, wire_written(w, buf))};
    return true;
}

bool
pdu_dest_put(uint8_t *buf, size_t cap, struct pdu_list *list, const struct pdu_dest *dest)
{
    struct wire_writer w = list_end(buf, cap, list);

    wire_put_u8(&w, dest->flag);
    if (dest->flag == PDU_DEST_SME) {
        put_address(&w, &dest->address);
    } else {
        w.bad |= dest->flag != PDU_DEST_LIST || dest->list_name.n == 0;
        put_string(&w, SMPP_DL_NAME_BYTES, dest->list_name);
    }
    return list_grow(list, buf, &w);
}

bool
pdu_failure_put(uint8_t *buf, size_t cap, struct pdu_list *list, const struct pdu_failure *failure)
{
    struct wire_writer w = list_end(buf, cap, list);

    put_address(&w, &failure->address);
    wire_put_u32(&w, failure->status);
    return list_grow(list, buf, &w);
}

enum smpp_status
pdu_dest_status(const struct pdu_dest *dest)
{
    if (dest->flag == PDU_DEST_LIST)
        return SMPP_ROK;
    if (!smpp_ton_name(dest->address.ton))
        return SMPP_RINVDSTTON;
    if (!smpp_npi_name(dest->address.npi))
        return SMPP_RINVDSTNPI;
    return SMPP_ROK;
}
