/*
 * mutant.h: the names under which the simulator reports the bugs of gateway/relay/planted.h: the
 * rule that each breaks, and how.
 */
#ifndef TANDEM_SIM_MUTANT_H
#define TANDEM_SIM_MUTANT_H

#include "gateway/relay/planted.h"

const char *sim_mutant_name(int mutant);

#endif
