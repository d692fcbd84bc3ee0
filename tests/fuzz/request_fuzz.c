/*
 * request_fuzz.c: any octets as a line of the control socket. What is understood must survive the
 * way to the core, and what is refused says why.
 */
#include "gateway/request.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_packed(const struct request *request)
{
    static uint8_t packed[COMMAND_PACKED_BYTES(ADMIN_TEXT_BYTES + COMMAND_PIECE_BYTES)];
    struct command_value args[COMMAND_ARGS_MAX] = {0};
    struct command_progress progress = {0}, again;
    size_t n = command_pack(request->def, request->args, &progress, packed, sizeof(packed));

    command_unpack(request->def, slice_of(packed, n), args, &again);
    for (size_t i = 0; i < command_arg_count(request->def); i++) {
        assert(args[i].given == request->args[i].given);
        if (request->def->args[i].kind == ARG_FILE) {
            assert(args[i].number == request->args[i].text.n);
            assert(args[i].text.n <= COMMAND_PIECE_BYTES && args[i].text.n <= args[i].number);
            continue;
        }
        assert(args[i].number == request->args[i].number);
        assert(slice_eq(args[i].text, request->args[i].text));
    }
}

/* One octet more than some commands take. */
static void
attach(struct request *request, enum command_result *result)
{
    static const uint8_t file[COMMAND_FILE_BYTES_MAX + 1];

    *result = request_attach(request, slice_of(file, sizeof(file)));
    assert((*result == COMMAND_DONE) == !request->why[0]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request;
    enum command_result result;

    if (size > ADMIN_LINE_BYTES)
        return 0;
    result = request_parse(&request, slice_of(data, size));
    assert(request.id[0] && (result == COMMAND_DONE) == !request.why[0]);
    if (result == COMMAND_DONE && request.attached)
        attach(&request, &result);
    if (result == COMMAND_DONE)
        check_packed(&request);
    request_release(&request);
    return 0;
}
