/*
 * ctl_complete.h: the completion of `tandem ctl` for bash, written from the table of commands.
 */
#ifndef TANDEM_CTL_COMPLETE_H
#define TANDEM_CTL_COMPLETE_H

#include <stdbool.h>
#include <stdio.h>

/* False: it could not be written. */
bool ctl_complete(FILE *out);

#endif
