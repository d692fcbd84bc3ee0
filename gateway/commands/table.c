/*
 * table.c: the list of all commands, in the order that help shows them.
 */
#include "gateway/commands/commands.h"

#include <stdio.h>

#include "gateway/clock.h"

const struct command_def *const commands[] = {
    &command_status,
    &command_carriers,
    &command_carriers_stop,
    &command_carriers_start,
    &command_carriers_rebind,
    &command_sessions,
    &command_trace,
    &command_queue,
    &command_queue_list,
    &command_queue_show,
    &command_queue_why,
    &command_queue_cancel,
    &command_held,
    &command_held_resend,
    &command_held_drop,
    &command_lease,
    &command_lease_start,
    &command_lease_end,
    &command_conversation,
    &command_conversation_show,
    &command_conversation_claim,
    &command_conversation_transfer,
    &command_conversation_close,
    &command_conversation_note,
    &command_conversation_flag,
    &command_conversation_send,
    &command_conversation_export,
    &command_account,
    &command_account_show,
    &command_agent,
    &command_agent_show,
    &command_agent_add,
    &command_agent_edit,
    &command_agent_delete,
    &command_agent_relay,
    &command_agent_presence,
    &command_group,
    &command_group_show,
    &command_group_add,
    &command_group_edit,
    &command_group_delete,
    &command_group_member,
    &command_contact,
    &command_contact_show,
    &command_contact_add,
    &command_contact_edit,
    &command_contact_phone,
    &command_contact_delete,
    &command_contact_import,
    &command_contact_export,
    &command_contact_erase,
    &command_erasure,
    &command_contact_send,
    &command_unassigned,
    &command_unassigned_assign,
    &command_number,
    &command_number_add,
    &command_number_edit,
    &command_number_delete,
    &command_number_drain,
    &command_campaign,
    &command_campaign_add,
    &command_campaign_edit,
    &command_campaign_start,
    &command_campaign_end,
    &command_optout,
    &command_optout_show,
    &command_optout_export,
    &command_optout_set,
    &command_optout_lift,
    &command_optout_import,
    &command_list,
    &command_list_show,
    &command_list_add,
    &command_list_edit,
    &command_list_delete,
    &command_list_upload,
    &command_list_join,
    &command_list_leave,
    &command_broadcast_list,
    &command_broadcast_add,
    &command_broadcast_show,
    &command_broadcast_watch,
    &command_broadcast_pause,
    &command_broadcast_resume,
    &command_broadcast_cancel,
    &command_auto,
    &command_auto_on,
    &command_auto_off,
    &command_help,
};
const size_t commands_count = sizeof(commands) / sizeof(commands[0]);

const struct command_def *
command_find(struct slice name)
{
    for (size_t i = 0; i < commands_count; i++) {
        if (slice_eq(name, slice_str(commands[i]->name)))
            return commands[i];
    }
    return NULL;
}

size_t
command_arg_count(const struct command_def *def)
{
    size_t n = 0;

    while (n < COMMAND_ARGS_MAX && def->args[n].name)
        n++;
    return n;
}

static int
arg_usage(const struct command_arg *arg, char *out, size_t cap)
{
    const char *open = arg->required ? "" : "[", *close = arg->required ? "" : "]";
    char value[96];
    size_t n;

    snprintf(value, sizeof(value), "%s", arg->kind == ARG_WORD ? arg->words : arg->name);
    for (n = 0; arg->kind != ARG_WORD && value[n]; n++)
        value[n] = (char)(value[n] >= 'a' && value[n] <= 'z' ? value[n] - 'a' + 'A' : value[n]);
    if (arg->kind == ARG_FLAG)
        return snprintf(out, cap, " %s--%s%s", open, arg->name, close);
    if (arg->option)
        return snprintf(out, cap, " %s--%s %s%s", open, arg->name, value, close);
    return snprintf(out, cap, " %s%s%s", open, value, close);
}

const char *
command_usage(const struct command_def *def, char out[COMMAND_USAGE_BYTES])
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < command_arg_count(def) && n < COMMAND_USAGE_BYTES; i++)
        n += (size_t)arg_usage(&def->args[i], out + n, COMMAND_USAGE_BYTES - n);
    return out[0] ? out + 1 : out;
}

bool
command_word(const char *words, struct slice word, uint64_t *place)
{
    for (*place = 0; *words; ++*place) {
        size_t n = strcspn(words, "|");

        if (slice_eq(slice_of(words, n), word))
            return true;
        words += n + (words[n] == '|');
    }
    return false;
}

bool
command_duration(struct slice text, uint64_t *ms)
{
    static const struct {
        char letter;
        uint32_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    uint64_t value = 0;

    if (text.n < 2 || text.n > 7)
        return false;
    for (size_t i = 0; i + 1 < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text.p[i] - '0');
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (text.p[text.n - 1] == units[i].letter) {
            *ms = value * units[i].ms;
            return true;
        }
    }
    return false;
}

uint64_t
command_wall_ms(const struct io *io, uint64_t mono_ms)
{
    return mono_ms ? clock_wall_ms() - (io->now_ms - mono_ms) : 0;
}
