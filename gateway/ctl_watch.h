/*
 * ctl_watch.h: how `tandem ctl broadcast watch` shows a broadcast: on a terminal one line that
 * changes in place, elsewhere a line each time that something has changed.
 */
#ifndef TANDEM_CTL_WATCH_H
#define TANDEM_CTL_WATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* How often the daemon is asked. */
#define CTL_WATCH_MS 500u

struct ctl_watch;
/* json: rows instead of bars. NULL: no memory. */
struct ctl_watch *ctl_watch_new(FILE *out, bool json);
void ctl_watch_free(struct ctl_watch *watch);
/* Shows the row as it was at this time. False: it has ended. */
bool ctl_watch_show(struct ctl_watch *watch, const json_t *row, uint64_t now_ms);
uint64_t ctl_watch_now_ms(void);

#endif
