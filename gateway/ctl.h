/*
 * ctl.h: `tandem ctl`: asks the running daemon over its control socket, and shows the answer to a
 * person or, with --json, to a program.
 */
#ifndef TANDEM_CTL_H
#define TANDEM_CTL_H

/* argv[0] is "ctl". Returns the exit status: 0 done, 1 the gateway refused or failed, 2 the command
 * line is wrong or no daemon answers. */
int ctl_main(int argc, char **argv);

#endif
